import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from '@promline/servers'
import { expect } from 'vitest'
import type { ArrivalSource } from '../e2e/arrivals.js'
import { untilDrained } from '../e2e/pipeline-program.js'
import { startTestee } from '../e2e/program.js'
import { temporaryFolder } from '../e2e/scope.js'
import { seededRandom } from '../e2e/seeded-random.js'
import { startNetwork } from './chaos.js'
import { startFakeReceiver } from './fake-receiver.js'
import { createForwarder, forwarderSink } from './forwarder.js'
import { judgeArrivals } from './judge.js'
import { startLoad } from './load.js'
import { receivedLines } from './received-lines.js'
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
      // A request takes the link for a second or two, and counts when it is complete: so from the end of one to the end of another.
      const [first, ...others] = receiver.requests.filter(({ atMs }) => atMs >= began)
      const seconds = (others.at(-1)!.atMs - first!.atMs) / 1_000
      const bytes = others.reduce((sum, request) => sum + request.bytes, 0)
      figures.atLeast('goodput', (100 * bytes) / seconds / linkBytesPerSecond, { least: 80, unit: '% of the link' })
      const spoolBytes = Number(/^promline_spool_bytes\{pipeline="receive"\} (\d+)/m.exec(await program.metrics())?.[1])
      figures.atMost('spool', spoolBytes / 1024 / 1024, { most: spoolMebibytes, unit: 'MiB' })
      proxy.set({})
      await load.stop()
      await untilDrained(program, forwarderSink)
      judgeArrivals(figures, receiver, load.clients)
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
