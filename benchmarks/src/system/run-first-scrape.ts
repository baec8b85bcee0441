import { setTimeout as sleep } from 'node:timers/promises'
import { AgentProcess } from './agent-process.js'
import type { Agent } from './agents.js'
import { DeliveryCheck } from './delivery-check.js'
import { startExpositionServer } from './exposition-server.js'
import { type Load, workOf } from './load.js'
import type { ProcessFigures } from './process-figures.js'
import { type LongestStall, Stalls } from './stalls.js'
import { startWriteSink } from './write-sink.js'

/** Agents spread first scrapes over the interval: the first of a day is not due in the seconds that a process is looked at. */
const waitingIntervalMs = 24 * 3_600_000

/** What the first scrape of a fresh agent came to. */
export interface FirstScrapeFigures {
  /** Processor time, from the start of the process until all had arrived, but for what it takes by then if it does not scrape. */
  readonly cpuUsPerSeries: number
  /** From the request of the page until its last sample had arrived. */
  readonly wallMs: number
  /** Highest until then. */
  readonly peakMb: number
  /** The longest time that the event loop stood still meanwhile; of an agent in Node. */
  readonly stall: LongestStall | undefined
}

/** The part of a run that is measured. */
interface FirstScrape {
  /** When the page was asked for. */
  readonly fromMs: number
  /** When its last sample had arrived. */
  readonly done: ProcessFigures
  readonly ageMs: number
  readonly stall: LongestStall | undefined
}

/** Runs a fresh agent until it has scraped a target once, and another that waits; rejects where what arrives is not what was served. */
export async function runFirstScrape(
  agent: Agent,
  load: Load,
  options: { readonly nodeOptions?: readonly string[] } = {},
): Promise<FirstScrapeFigures> {
  const stalls = agent.isNode ? new Stalls() : undefined
  try {
    const { fromMs, done, ageMs, stall } = await scrapeOnce(agent, load, { stalls, nodeOptions: options.nodeOptions ?? [] })
    const idle = await runIdle(agent, { ageMs, stalls })
    return {
      cpuUsPerSeries: ((done.cpuMs - idle.cpuMs) * 1000) / load.corpus.samples,
      wallMs: done.atMs - fromMs,
      peakMb: done.peakMb,
      stall,
    }
  } finally {
    stalls?.dispose()
  }
}

/** The second scrape, an interval later, ends the run: until then the first one has arrived, or it is not measured. */
async function scrapeOnce(
  agent: Agent,
  load: Load,
  { stalls, nodeOptions }: { stalls: Stalls | undefined; nodeOptions: readonly string[] },
): Promise<FirstScrape> {
  const arrivals: ProcessFigures[] = []
  const asked: number[] = []
  let running: AgentProcess | undefined
  const sink = await startWriteSink(() => {
    if (running !== undefined) arrivals.push(running.figures())
  })
  const server = await startExpositionServer(load.corpus, () => asked.push(Date.now()))
  try {
    const options = { ...stalls?.options, nodeOptions: [...(stalls?.options.nodeOptions ?? []), ...nodeOptions] }
    running = await AgentProcess.start(agent, workOf(load, { server: server.address, sink: sink.address }), options)
    await running.until(() => asked.length > 1, 4 * load.intervalMs)
    await running.stop()
    const [fromMs = 0, secondMs = 0] = asked
    const done = arrivals[lastOfFirstScrape(load, sink.bodies)]
    if (done === undefined || done.atMs > secondMs) throw new Error('the first scrape had not arrived when the second one began')
    return { fromMs, done, ageMs: done.atMs - running.startMs, stall: stalls?.longest(fromMs, done.atMs) }
  } catch (error) {
    throw running?.failure(error) ?? error
  } finally {
    running?.dispose()
    await Promise.all([server.close(), sink.close()])
  }
}

/** Which request brought the last sample of the first page. Throws where what arrived is not what was served. */
function lastOfFirstScrape({ corpus, served }: Load, bodies: readonly Uint8Array[]): number {
  const check = new DeliveryCheck(served)
  let last = -1
  for (const [i, body] of bodies.entries()) {
    if (check.values < corpus.samples) last = i
    check.add(body)
  }
  const { scrapedMs } = check.finish()
  if (scrapedMs.length === 0) throw new Error(`the first scrape did not arrive: ${check.values} of ${corpus.samples} samples`)
  return last
}

/** What the same process uses by the same age, while it waits for the turn of its target. */
async function runIdle(agent: Agent, { ageMs, stalls }: { ageMs: number; stalls: Stalls | undefined }): Promise<ProcessFigures> {
  const sink = await startWriteSink()
  let running: AgentProcess | undefined
  try {
    const work = workOf({ targets: 1, intervalMs: waitingIntervalMs }, { server: sink.address, sink: sink.address })
    running = await AgentProcess.start(agent, work, stalls?.options)
    await sleep(Math.max(0, running.startMs + ageMs - Date.now()))
    const figures = running.figures()
    await running.stop()
    return figures
  } catch (error) {
    throw running?.failure(error) ?? error
  } finally {
    running?.dispose()
    await sink.close()
  }
}
