import { setTimeout as sleep } from 'node:timers/promises'
import { freePorts, serverAvailable, waitFor } from '@promline/servers'
import { expect } from 'vitest'
import { TestServer } from '../e2e/pages.js'
import { startPipeline } from '../e2e/pipeline-program.js'
import { afterTest } from '../e2e/scope.js'
import { WriteClient } from '../e2e/write-client.js'
import { startFakeReceiver } from './fake-receiver.js'
import { createForwarder, forwarderSink } from './forwarder.js'
import { judgeArrivals, secondsSince } from './judge.js'
import { startLoad } from './load.js'
import { besideEachOther, testRow } from './row.js'
import { createWallClock } from './wall-clock.js'

const hourSeconds = 3_600
const jumps = [hourSeconds, -hourSeconds, 0]
const betweenJumpsMs = 5_000
const scrapeIntervalMs = 1_000

/** Shows how often it was scraped. */
class CountingTarget extends TestServer {
  readonly scrapedAtMs: number[] = []

  constructor(address: string) {
    super(address, (_, response) => {
      this.scrapedAtMs.push(performance.now())
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
      response.end(`written{client="page",series="0"} ${this.scrapedAtMs.length}\n`)
    })
  }
}

besideEachOther('clocks', () => {
  testRow(
    {
      row: 27,
      fault: 'wall clock +1 h, -1 h and back',
      must: 'no false timeout, no stalled retry, scrapes keep their interval, timestamps are the wall clock, samples from the future are refused, 0 lost',
    },
    async (figures, skip) => {
      if (!serverAvailable('faketime') && process.env['CI'] !== 'true')
        return skip('faketime is not installed: run node scripts/servers/install.js faketime')
      const clock = await createWallClock()
      const receiver = await startFakeReceiver()
      const [targetPort, receiverPort] = await freePorts(2)
      const target = new CountingTarget(`127.0.0.1:${targetPort}`)
      await target.start()
      afterTest(() => target.stop())
      const pipeline = await startPipeline({
        env: clock.env,
        config: `global: { scrape_interval: ${scrapeIntervalMs}ms }
scrape_configs: [{ job_name: job, static_configs: [{ targets: ['${target.address}'] }] }]
remote_write_receiver: { listen: 127.0.0.1:${receiverPort} }
influx_write: [{ name: influx }]
remote_write: [{ name: target, url: '${receiver.writeUrl}', remote_timeout: 3s, queue_config: { batch_send_deadline: 100ms } }]
console: { listen: 127.0.0.1:0 }
`,
      })
      const ownLines = () => receiver.lines.filter(({ tags }) => tags['client'] === 'page')
      await waitFor('samples', () => ownLines().length > 2)
      const recoveredAfter: number[] = []
      for (const seconds of jumps) {
        // The jump meets a retry that waits, and a request under way.
        receiver.refuse = () => ({ status: 503 })
        await waitFor('retry', async () => (await pipeline.sink('scrape/target')).state === 'retrying')
        await clock.move(seconds)
        await sleep(betweenJumpsMs / 2)
        receiver.refuse = () => undefined
        const healed = performance.now()
        await waitFor('delivery', () => receiver.requests.some(({ atMs, status }) => atMs > healed && status === 204))
        recoveredAfter.push(secondsSince(healed))
        await sleep(betweenJumpsMs / 2)
        const offsetMs = ownLines().at(-1)!.timestampMs - Date.now()
        expect(Math.abs(offsetMs - seconds * 1_000), 'timestamps of the wall clock').toBeLessThan(betweenJumpsMs)
        const client = new WriteClient({ url: `http://127.0.0.1:${receiverPort}/api/v1/write`, name: 'client' })
        // Its own clock is right: an hour ahead of a program whose clock is an hour behind.
        expect(await client.write()).toMatchObject({ status: seconds < 0 ? 400 : 204 })
      }
      expect(pipeline.program.output()).not.toContain('timed out')
      figures.atMost('delivers again after', Math.max(...recoveredAfter), { most: 6, unit: 's at most' })
      const { scrapedAtMs } = target
      const elapsedMs = scrapedAtMs.at(-1)! - scrapedAtMs[0]!
      figures.between('one scrape every', elapsedMs / (scrapedAtMs.length - 1) / 1_000, { least: 0.95, most: 1.1, unit: 's' })
      const gaps = scrapedAtMs.slice(1).map((atMs, i) => (atMs - scrapedAtMs[i]!) / 1_000)
      figures.atMost('longest pause', Math.max(...gaps), { most: 2, unit: 's' })
      const scrapes = target.scrapedAtMs.length
      await waitFor('the last scrape', () => ownLines().length >= scrapes)
      judgeArrivals(figures, { lines: ownLines() }, [{ name: 'page', seriesCount: 1, acknowledged: scrapes }])
      expect((await pipeline.stop()).status).toBe(0)
    },
  )

  const blockMs = 5_000
  /** Blocks the event loop at SIGUSR2. */
  const blocker = `data:text/javascript,process.on("SIGUSR2",()=>{const end=performance.now()+${blockMs};while(performance.now()<end);})`

  for (const { fault, block } of [
    { fault: `event loop blocked for ${blockMs / 1_000} s`, block: 'SIGUSR2' },
    { fault: `the process stands still for ${blockMs / 1_000} s`, block: 'SIGSTOP' },
  ] as const) {
    testRow({ row: 28, fault, must: '<= 1 false timeout, 0 lost, a metric says so' }, async (figures) => {
      const receiver = await startFakeReceiver()
      // Their time limit is over before the program looks at the answers again.
      const forwarder = await createForwarder({
        target: receiver.writeUrl,
        remoteWrite: 'remote_timeout: 2s, queue_config: { batch_send_deadline: 10ms }',
      })
      const program = await forwarder.start({ nodeArgs: ['--import', blocker] })
      await program.pageUrl()
      const load = startLoad({ url: forwarder.url, pauseMs: 1 })
      await waitFor('samples', () => receiver.lines.length > 0)
      program.program.signal(block)
      await sleep(blockMs)
      program.program.signal('SIGCONT')
      const blocked = receiver.lines.length
      await waitFor('samples after it', () => receiver.lines.length > blocked)
      await sleep(1_000)
      const { retries } = await program.sink(forwarderSink)
      figures.count('false timeouts', retries, { most: 1 })
      const lag = Number(/^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(await program.metrics())?.[1])
      figures.atLeast('nodejs_eventloop_lag_max_seconds', lag, { least: (0.9 * blockMs) / 1_000, unit: 's' })
      await load.stop()
      expect((await program.stop()).status).toBe(0)
      judgeArrivals(figures, receiver, load.clients)
    })
  }
})
