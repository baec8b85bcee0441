import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from '@promline/servers'
import { expect } from 'vitest'
import { arrivals } from '../e2e/arrivals.js'
import { type PipelineProgram, untilDrained } from '../e2e/pipeline-program.js'
import { Program } from '../e2e/program.js'
import { temporaryFolder } from '../e2e/scope.js'
import { isAccepted, WriteClient } from '../e2e/write-client.js'
import { testeeArguments } from '../programs/child-program.js'
import { layCable } from './cable.js'
import { startNetwork } from './chaos.js'
import { fakeReceiverDown, startFakeReceiver } from './fake-receiver.js'
import type { Figures } from './figures.js'
import { createForwarder, forwarderSink } from './forwarder.js'
import { judgeArrivals, secondsSince } from './judge.js'
import { startLoad } from './load.js'
import { receivedLines } from './received-lines.js'
import { besideEachOther, inFull, testRow } from './row.js'

const secondMs = 1_000
const minuteMs = 60 * secondMs

besideEachOther('outages', () => {
  const partitionMs = inFull ? 10 * minuteMs : minuteMs

  testRow(
    {
      row: 8,
      fault: `network partition (blackhole) ${partitionMs / secondMs} s`,
      must: '0 lost, noticed <= 30 s after a request began, recovers <= 10 s',
      takesMs: partitionMs,
    },
    async (figures) => {
      const receiver = await startFakeReceiver()
      const { proxy, writeUrl } = await startNetwork(receiver)
      // What is taken leaves at once, so that a request begins with the partition.
      const forwarder = await createForwarder({ target: writeUrl, remoteWrite: 'queue_config: { batch_send_deadline: 10ms }' })
      const program = await forwarder.start()
      await program.pageUrl()
      const load = startLoad({ url: forwarder.url })
      await waitFor('samples', () => receiver.lines.length > 0)

      await partition(figures, program, {
        lastsMs: partitionMs,
        cut: async () => proxy.set({ blackhole: true }),
        heal: async () => proxy.set({}),
      })
      await load.stop()
      await untilDrained(program, forwarderSink)
      judgeArrivals(figures, receiver, load.clients)
    },
  )

  testRow(
    {
      row: 8,
      fault: `network partition (every packet lost) ${partitionMs / secondMs} s`,
      must: '0 lost, noticed <= 30 s after a request began, recovers <= 10 s',
      takesMs: partitionMs,
    },
    async (figures, skip) => {
      const cable = await layCable()
      if (cable === undefined) return skip('a network of its own cannot be made here: that takes root, on Linux')
      const file = join(await temporaryFolder(), 'received')
      const [program = '', ...args] = cable.wrapper
      const listen = testeeArguments('receiver', '--listen', `${cable.address}:9090`, '--out', file)
      const receiver = new Program({ program, args: [...args, process.execPath, ...listen] })
      await receiver.printed(/listening on/)
      const forwarder = await createForwarder({
        target: `http://${cable.address}:9090/api/v1/write`,
        remoteWrite: 'queue_config: { batch_send_deadline: 10ms }',
      })
      const pipeline = await forwarder.start()
      await pipeline.pageUrl()
      const load = startLoad({ url: forwarder.url })
      await waitFor('samples', async () => (await pipeline.sink(forwarderSink)).delivered > 0)

      await partition(figures, pipeline, { lastsMs: partitionMs, cut: cable.cut, heal: cable.heal })
      await load.stop()
      await untilDrained(pipeline, forwarderSink)
      judgeArrivals(figures, { lines: await receivedLines(file) }, load.clients)
    },
  )

  testRow(
    { row: 11, fault: '429 with Retry-After, in seconds and as a date', must: '0 lost, waits as asked, nothing sent meanwhile' },
    async (figures) => {
      const receiver = await startFakeReceiver()
      const forwarder = await createForwarder({ target: receiver.writeUrl })
      const waits = [askToWait('5'), askToWait(() => new Date(Date.now() + 6 * secondMs).toUTCString())]
      receiver.refuse = () => waits.find((wait) => !wait.isOver())?.refuse()
      await (await forwarder.start()).pageUrl()
      const load = startLoad({ url: forwarder.url })
      await waitFor('samples', () => receiver.lines.length > 0)
      await load.stop()
      await waitFor('everything', () => arrivals(receiver, load.clients).missing.length === 0)
      for (const wait of waits) {
        const sinceMs = receiver.requests.map(({ atMs }) => atMs - wait.beganMs)
        const refused = sinceMs.filter((ms) => ms >= 0 && ms <= inFlightMs).length
        expect(refused, 'one request of each lane').toBeLessThanOrEqual(load.clients.length)
        const next = sinceMs.find((ms) => ms > inFlightMs)!
        figures.atLeast(`asked for ${(wait.askedMs / secondMs).toFixed(1)} s, came after`, next / secondMs, {
          least: wait.askedMs / secondMs,
          unit: 's',
        })
      }
      judgeArrivals(figures, receiver, load.clients)
    },
  )

  const longestMs = 5 * minuteMs
  testRow(
    {
      row: 11,
      fault: '429 with Retry-After of an hour',
      must: inFull ? 'comes again after 5 min' : 'the next attempt is due in 5 min',
      takesMs: inFull ? longestMs : 0,
    },
    async (figures) => {
      const receiver = await startFakeReceiver()
      receiver.refuse = (requests) => (requests === 0 ? { status: 429, headers: { 'retry-after': '3600' } } : undefined)
      const forwarder = await createForwarder({ target: receiver.writeUrl })
      const program = await forwarder.start()
      const client = new WriteClient({ url: forwarder.url, name: 'client' })
      await client.untilAccepted()
      const dueMs = await waitFor('refusal', async () => (await program.sink(forwarderSink)).nextAttemptMs)
      figures.between('due in', (dueMs - Date.now()) / secondMs, { least: longestMs / secondMs - 5, most: longestMs / secondMs, unit: 's' })
      if (!inFull) return
      await waitFor('attempt', () => receiver.requests.length > 1, { timeoutMs: longestMs + 10 * secondMs })
      const [first, second] = receiver.requests
      figures.atLeast('came again after', (second!.atMs - first!.atMs) / secondMs, { least: longestMs / secondMs, unit: 's' })
    },
  )

  // In CI all times are a tenth: the window, and the back-off's limits.
  const scale = inFull ? 1 : 10
  const windowMs = (5 * minuteMs) / scale
  testRow(
    {
      row: 12,
      fault: `500, 502 and 503 for ${inFull ? 10 : 1} min`,
      must: '0 lost, <= 30 requests a minute and lane over 5 minutes',
      takesMs: 2 * windowMs,
    },
    async (figures) => {
      const receiver = await startFakeReceiver()
      receiver.refuse = (requests) => ({ status: [500, 502, 503][requests % 3]! })
      const backoff = `{ min_backoff: ${30 / scale}ms, max_backoff: ${5_000 / scale}ms }`
      const forwarder = await createForwarder({ target: receiver.writeUrl, remoteWrite: `queue_config: ${backoff}` })
      const program = await forwarder.start()
      await program.pageUrl()
      // One origin, one lane.
      const load = startLoad({ url: forwarder.url, clients: 1 })
      await waitFor('request', () => receiver.requests.length > 0)
      await sleep(2 * windowMs)
      const times = receiver.requests.map(({ atMs }) => atMs)
      for (const [name, fromMs] of [
        ['first', times[0]!],
        ['last', performance.now() - windowMs],
      ] as const) {
        const inWindow = times.filter((atMs) => atMs >= fromMs && atMs < fromMs + windowMs)
        figures.atMost(`in the ${name} window`, inWindow.length / 5, { most: 30, unit: 'requests a minute' })
      }
      if (scale > 1) figures.note(`all times a ${scale}th`)
      receiver.refuse = () => undefined
      await load.stop()
      await untilDrained(program, forwarderSink)
      judgeArrivals(figures, receiver, load.clients)
    },
  )

  const remoteTimeoutMs = 30 * secondMs
  testRow(
    { row: 14, fault: 'the receiver accepts, then hangs', must: 'given up at 30 s, 0 lost', takesMs: remoteTimeoutMs },
    async (figures) => {
      const receiver = await startFakeReceiver()
      receiver.refuse = () => 'hang'
      const forwarder = await createForwarder({ target: receiver.writeUrl })
      const program = await forwarder.start()
      await program.pageUrl()
      const load = startLoad({ url: forwarder.url })
      await waitFor('end of a connection', () => receiver.hungForMs.length > 0, { timeoutMs: 2 * remoteTimeoutMs })
      receiver.refuse = () => undefined
      figures.between('given up after', receiver.hungForMs[0]! / secondMs, { least: 29, most: 31, unit: 's' })
      await load.stop()
      // Requests that hang still have their time limit.
      await untilDrained(program, forwarderSink, { timeoutMs: 2 * minuteMs })
      judgeArrivals(figures, receiver, load.clients)
    },
  )

  testRow({ row: 14, fault: 'the receiver accepts, then hangs, 1,000 times', must: '0 lost, no file descriptor more' }, async (figures) => {
    const receiver = await startFakeReceiver()
    receiver.refuse = () => 'hang'
    const forwarder = await createForwarder({
      target: receiver.writeUrl,
      remoteWrite: 'remote_timeout: 200ms, queue_config: { min_backoff: 1ms, max_backoff: 5ms }',
    })
    const program = await forwarder.start()
    await program.pageUrl()
    const load = startLoad({ url: forwarder.url, clients: 8 })
    await waitFor('first hangs', () => receiver.hungForMs.length >= 50)
    const before = await descriptors(program.program.pid)
    await waitFor('1,000 hangs', () => receiver.hungForMs.length >= 1_050, { timeoutMs: 2 * minuteMs })
    const after = await descriptors(program.program.pid)
    // At any time each client has a connection, and a request of its lane is under way.
    const most = 2 * load.clients.length
    if (after !== undefined && before !== undefined) figures.count('file descriptors more', after - before, { most })
    receiver.refuse = () => undefined
    await load.stop()
    await untilDrained(program, forwarderSink, { timeoutMs: minuteMs })
    judgeArrivals(figures, receiver, load.clients)
  })

  testRow(
    { row: 24, fault: 'the cap of the spool, policy block', must: 'the source gets 503, 0 lost', takesMs: minuteMs },
    async (figures) => {
      const receiver = await fakeReceiverDown()
      const forwarder = await createForwarder({ target: receiver.writeUrl, spool: 'max_bytes: 1MiB' })
      const program = await forwarder.start()
      await program.pageUrl()
      const client = new WriteClient({ url: forwarder.url, name: 'client', seriesPerRequest: 1_000 })
      const began = performance.now()
      while (isAccepted(await client.write())) expect(secondsSince(began), 'no end of room').toBeLessThan(60)
      expect(client.failures).toMatchObject([{ status: 503, retryAfter: '5', text: expect.stringContaining('come again') }])
      figures.count('samples taken before 503 with Retry-After', client.acknowledged * client.seriesCount)
      expect((await program.get('/-/healthy')).status).toBe(200)
      await receiver.start()
      await client.untilAccepted()
      await untilDrained(program, forwarderSink)
      judgeArrivals(figures, receiver, [client])
    },
  )
})

interface Partition {
  readonly lastsMs: number
  readonly cut: () => Promise<void>
  readonly heal: () => Promise<void>
}

/** Cuts a network for a time: how soon the sink notices, and how soon after the heal all that waited is delivered. */
async function partition(figures: Figures, program: PipelineProgram, { lastsMs, cut, heal }: Partition): Promise<void> {
  await cut()
  const began = performance.now()
  await waitFor('notice', async () => (await program.sink(forwarderSink)).state === 'retrying', { timeoutMs: minuteMs })
  // A request begins within a second, with the next samples.
  figures.atMost('noticed after', secondsSince(began), { most: 31, unit: 's' })
  await sleep(lastsMs - (performance.now() - began))
  const { in: taken } = await program.sink(forwarderSink)
  await heal()
  const healed = performance.now()
  await waitFor('all that waited', async () => (await program.sink(forwarderSink)).delivered >= taken, { timeoutMs: minuteMs })
  figures.atMost('all delivered', secondsSince(healed), { most: 10, unit: 's after the heal' })
}

/** Requests that were on their way when the first was refused come soon after it, also on a machine that is never alone. */
const inFlightMs = 3_000

/** A receiver's wish, from the first request that hears it. */
function askToWait(retryAfter: string | (() => string)) {
  const wait = {
    beganMs: 0,
    askedMs: 0,
    isOver: () => wait.beganMs > 0 && performance.now() - wait.beganMs > inFlightMs,
    refuse: () => {
      const value = typeof retryAfter === 'string' ? retryAfter : retryAfter()
      if (wait.beganMs === 0) {
        wait.beganMs = performance.now()
        wait.askedMs = typeof retryAfter === 'string' ? Number(retryAfter) * secondMs : Date.parse(value) - Date.now()
      }
      return { status: 429, headers: { 'retry-after': value } }
    },
  }
  return wait
}

/** Those that a process has open; undefined where the system does not say. */
async function descriptors(pid: number): Promise<number | undefined> {
  return (await readdir(`/proc/${pid}/fd`).catch(() => undefined))?.length
}
