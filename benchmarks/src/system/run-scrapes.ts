import { AgentProcess } from './agent-process.js'
import type { Agent } from './agents.js'
import { type Delivery, DeliveryCheck } from './delivery-check.js'
import { type ExpositionServer, startExpositionServer } from './exposition-server.js'
import { type Load, workOf } from './load.js'
import type { ProcessFigures } from './process-figures.js'
import { startWriteSink, type WriteSink } from './write-sink.js'

/** What a run came to. */
export interface ScrapesFigures {
  readonly cpuSecondsPerMillion: number
  readonly bytesPerSample: number
  readonly rssMb: number
  readonly peakMb: number
  /** Pages that the agent asked for and gave up, because they took too long. */
  readonly unseen: number
}

/** The slowest subject is behind its interval by several times. */
const patience = 10
/** What is under way when the measured part ends: at most the scrape that ended it and one before it. */
const maxUnfinished = 2

/**
 * Runs an agent that scrapes again and again; rejects where what arrives is not what was served.
 *
 * @param options.nodeOptions of Node, to profile an agent that runs in it
 */
export async function runScrapes(
  agent: Agent,
  load: Load,
  options: { readonly nodeOptions?: readonly string[] } = {},
): Promise<ScrapesFigures> {
  const scrapes = load.warmScrapes + load.measuredScrapes
  const sink = await startWriteSink()
  const marks: ProcessFigures[] = []
  let running: AgentProcess | undefined
  const server = await startExpositionServer(load.corpus, (before) => {
    const isMark = before === load.warmScrapes * load.targets || before === scrapes * load.targets
    if (isMark && running !== undefined) marks.push(running.figures())
  })
  try {
    running = await AgentProcess.start(agent, workOf(load, { server: server.address, sink: sink.address }), options)
    await running.until(() => marks.length === 2, patience * (scrapes + 1) * load.intervalMs)
    await running.stop()
    const delivery = checkDelivery(load, sink)
    if (delivery.inexact > 0 && agent.isInexact === undefined) throw new Error(`${delivery.inexact} values are not to the bit`)
    assertComplete(delivery, server, maxUnfinished * load.targets)
    return figuresOf({ load, marks, delivery, sink })
  } catch (error) {
    throw running?.failure(error) ?? error
  } finally {
    running?.dispose()
    await Promise.all([server.close(), sink.close()])
  }
}

function checkDelivery({ served }: Load, sink: WriteSink): Delivery {
  const check = new DeliveryCheck(served)
  for (const body of sink.bodies) check.add(body)
  return check.finish()
}

/** Nothing may be missing but what the agent gave up, or what was under way at the end. */
function assertComplete(delivery: Delivery, server: ExpositionServer, unfinished: number): void {
  const lost = server.abandoned + delivery.failed
  if (delivery.unseen > lost) throw new Error(`${delivery.unseen} pages did not arrive; ${lost} were given up`)
  const arrived = delivery.scrapedMs.length
  const expected = server.scrapes - lost - unfinished
  if (arrived < expected) throw new Error(`${arrived} of ${server.scrapes} scrapes arrived; ${lost} were given up`)
}

function figuresOf(run: { load: Load; marks: readonly ProcessFigures[]; delivery: Delivery; sink: WriteSink }): ScrapesFigures {
  const { load, delivery, sink } = run
  const [begin, end] = run.marks
  if (begin === undefined || end === undefined) throw new Error('the measured part has no end')
  // A scrape's time is shortly before its page is asked for, which is when the figures are read.
  const isMeasured = (timeMs: number): boolean => timeMs >= begin.atMs - load.intervalMs / 2 && timeMs < end.atMs - load.intervalMs / 2
  const samples = delivery.scrapedMs.filter(isMeasured).length * load.corpus.samples
  return {
    cpuSecondsPerMillion: (end.cpuMs - begin.cpuMs) / 1000 / (samples / 1e6),
    bytesPerSample: sink.bytes / delivery.samples,
    rssMb: end.rssMb,
    peakMb: end.peakMb,
    unseen: delivery.unseen,
  }
}
