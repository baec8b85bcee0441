import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { Program, startTestee } from '../e2e/program.js'
import { type ArrivalSource, arrivals } from '../e2e/arrivals.js'
import { untilDrained } from '../e2e/pipeline-program.js'
import { temporaryFolder } from '../e2e/scope.js'
import { seededRandom } from '../e2e/seeded-random.js'
import { jsonAt, jsonTextsAt } from '../servers/json.js'
import { testeeArguments } from '../proof/child-program.js'
import { waitFor } from '../servers/wait-for.js'
import { layCable } from './cable.js'
import { startNetwork } from './chaos.js'
import { startFakeReceiver } from './fake-receiver.js'
import { createForwarder, forwarderSink } from './forwarder.js'
import { judgeArrivals, secondsSince } from './judge.js'
import { startLoad } from './load.js'
import { besideEachOther, inFull, testRow } from './row.js'

/** 1 Mbit/s. */
const linkBytesPerSecond = 125_000
const windowMs = inFull ? 60_000 : 20_000
const spoolMebibytes = 16
const cuts = inFull ? 1_000 : 100
const longestCutMs = 150
/** More than a request of the test, with its head, so that some get through. */
const longestCutBytes = 2_000

besideEachOther('networks', () => {
  testRow(
    {
      row: 9,
      fault: 'slow network: 1 Mbit/s, 200 ms each way',
      must: 'goodput >= 80 % of the link, 0 lost, spool within its cap',
      takesMs: windowMs,
    },
    async (figures) => {
      const receiver = await startFakeReceiver()
      const { proxy, writeUrl } = await startNetwork(receiver)
      proxy.set({ bytesPerSecond: linkBytesPerSecond, latencyMs: 200, sharedLine: true })
      const forwarder = await createForwarder({ target: writeUrl, spool: `max_bytes: ${spoolMebibytes}MiB` })
      const program = await forwarder.start()
      await program.pageUrl()
      // Some five times as much as the link takes.
      const load = startLoad({ url: forwarder.url, clients: 6, seriesPerRequest: 2_000, pauseMs: 400 })
      await waitFor('samples', () => receiver.requests.length > 3)
      const began = performance.now()
      await sleep(windowMs)
      const seconds = (performance.now() - began) / 1_000
      const bytes = receiver.requests.filter(({ atMs }) => atMs >= began).reduce((sum, request) => sum + request.bytes, 0)
      figures.atLeast('goodput', (100 * bytes) / seconds / linkBytesPerSecond, { least: 80, unit: '% of the link' })
      const spoolBytes = Number(/^promline_spool_bytes\{pipeline="receive"\} (\d+)/m.exec(await program.metrics())?.[1])
      figures.atMost('spool', spoolBytes / 1024 / 1024, { most: spoolMebibytes, unit: 'MiB' })
      proxy.set({})
      await load.stop()
      await untilDrained(program, forwarderSink)
      judgeArrivals(figures, receiver, load.clients)
    },
  )

  const partitionMs = inFull ? 600_000 : 60_000
  testRow(
    {
      row: 8,
      fault: `network partition (every packet lost) ${partitionMs / 1_000} s`,
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

      await cable.cut()
      const cut = performance.now()
      await waitFor('notice', async () => (await pipeline.sink(forwarderSink)).state === 'retrying', { timeoutMs: 60_000 })
      figures.atMost('noticed after', secondsSince(cut), { most: 31, unit: 's' })
      await sleep(partitionMs - (performance.now() - cut))
      const before = load.clients.map(({ name, seriesCount, acknowledged }) => ({ name, seriesCount, acknowledged }))
      await cable.heal()
      const healed = performance.now()
      await waitFor('all that waited', async () => arrivals({ lines: await receivedLines(file) }, before).missing.length === 0)
      figures.atMost('all delivered', secondsSince(healed), { most: 10, unit: 's after the heal' })
      await load.stop()
      await untilDrained(pipeline, forwarderSink)
      judgeArrivals(figures, { lines: await receivedLines(file) }, load.clients)
    },
  )

  testRow(
    {
      row: 10,
      fault: `connections cut in the middle of requests and answers, ${cuts} times before and behind it`,
      must: '0 lost, never half a request',
      takesMs: cuts * longestCutMs,
    },
    async (figures) => {
      const file = join(await temporaryFolder(), 'received')
      const receiver = startTestee('receiver', '--listen', '127.0.0.1:0', '--out', file)
      const [, port] = await receiver.printed(/listening on http:\/\/127\.0\.0\.1:(\d+)/)
      const behind = await startNetwork({ port: Number(port) })
      const forwarder = await createForwarder({
        target: behind.writeUrl,
        remoteWrite: 'queue_config: { batch_send_deadline: 20ms, max_backoff: 100ms }',
      })
      const program = await forwarder.start()
      await program.pageUrl()
      const before = await startNetwork({ port: Number(new URL(forwarder.url).port) })
      const load = startLoad({ url: before.writeUrl, seriesPerRequest: 5, pauseMs: 10 })
      await waitFor('samples', () => load.acknowledged() > 0)

      const random = seededRandom(10)
      for (let i = 0; i < cuts; i++) {
        for (const { proxy } of [before, behind]) {
          proxy.set({ cutAfterBytes: Math.ceil(random() * longestCutBytes), direction: random() < 0.5 ? 'request' : 'response' })
        }
        await sleep(random() * longestCutMs)
      }
      for (const { proxy } of [before, behind]) proxy.set({})
      await load.stop()
      await untilDrained(program, forwarderSink)
      const { retries, in: taken } = await program.sink(forwarderSink)
      figures.count(
        'requests of clients failed',
        load.clients.reduce((sum, { failures }) => sum + failures.length, 0),
      )
      figures.count('requests sent again', retries)
      expect(retries).toBeGreaterThan(cuts / 4)
      const lines = await receivedLines(file)
      judgeArrivals(figures, { lines }, load.clients)
      figures.none('requests taken in part', partial(lines, 5))
      expect(taken % 5, 'samples of whole requests').toBe(0)
    },
  )
})

/** What the testee's receiver wrote. */
async function receivedLines(file: string): Promise<ArrivalSource['lines']> {
  const samples = (await readFile(file, 'utf8')).split('\n').filter(Boolean)
  return samples.map((text) => {
    const sample: unknown = JSON.parse(text)
    return { tags: jsonTextsAt(sample, 'labels'), fields: { value: Number(jsonAt(sample, 'value')) } }
  })
}

/** Requests of which not all series came equally often. */
function partial(lines: ArrivalSource['lines'], seriesPerRequest: number): string[] {
  const counts = new Map<string, Map<string, number>>()
  for (const { tags, fields } of lines) {
    const request = `${tags['client']}: ${fields['value']}`
    const bySeries = counts.get(request) ?? new Map<string, number>()
    counts.set(request, bySeries.set(tags['series']!, (bySeries.get(tags['series']!) ?? 0) + 1))
  }
  const isWhole = (bySeries: ReadonlyMap<string, number>): boolean =>
    bySeries.size === seriesPerRequest && new Set(bySeries.values()).size === 1
  return [...counts].filter(([, bySeries]) => !isWhole(bySeries)).map(([request]) => request)
}
