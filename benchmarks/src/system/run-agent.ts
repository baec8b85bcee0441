import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Corpus } from '../corpus/corpus.js'
import type { Agent, Work } from './agents.js'
import { type Delivery, DeliveryCheck } from './delivery-check.js'
import { type ExpositionServer, startExpositionServer } from './exposition-server.js'
import { type ProcessFigures, processFigures } from './process-figures.js'
import { startWriteSink, type WriteSink } from './write-sink.js'

/** What an agent is given to do. */
export interface Load {
  readonly corpus: Corpus
  /** That many targets, all of which serve the corpus. */
  readonly targets: number
}

/** What a run came to. */
export interface AgentFigures {
  readonly cpuSecondsPerMillion: number
  readonly bytesPerSample: number
  readonly rssMb: number
  readonly peakMb: number
  /** Pages that the agent asked for and gave up, because they took too long. */
  readonly unseen: number
}

/** A page of 100,000 series takes the slowest Go agent half a second on a machine that others use: at 1 s, skipped scrapes would count. */
const intervalMs = 2000
/** Scrapes of each target before the measured ones: connections, caches, optimisations of V8, and templates made at second sight. */
const warmScrapes = 4
/** With 100,000 series, a million samples: the agent's processor time is a hundred ticks of the kernel's clock or more for all but the fastest. */
const measuredScrapes = 10
/** The slowest subject is behind its interval by several times. */
const maxRunMs = 10 * (warmScrapes + measuredScrapes + 1) * intervalMs
/** What is under way when the measured part ends: at most the scrape that ended it and one before it. */
const maxUnfinished = 2
const stopMs = 20_000

/** Not to outlive the benchmark, however that ends. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Runs an agent once; rejects where what arrives is not what was served. `profile` is the file for a CPU profile of Node. */
export async function runAgent(agent: Agent, load: Load, options: { readonly profile?: string } = {}): Promise<AgentFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'promline-bench-'))
  const sink = await startWriteSink()
  const marks: ProcessFigures[] = []
  let child: ChildProcess | undefined
  const server = await startExpositionServer(load.corpus, (before) => {
    const isMark = before === warmScrapes * load.targets || before === (warmScrapes + measuredScrapes) * load.targets
    if (isMark && child?.pid !== undefined) marks.push(processFigures(child.pid))
  })
  try {
    child = await startAgent(agent, { folder, work: workOf(load, server.address, sink.address), profile: options.profile })
    await untilMeasured(child, marks)
    await stop(child)
    const delivery = checkDelivery(load.corpus, sink)
    if (delivery.inexact > 0 && agent.isInexact === undefined) throw new Error(`${delivery.inexact} values are not to the bit`)
    assertComplete(delivery, server, maxUnfinished * load.targets)
    return figuresOf({ load, marks, delivery, sink })
  } catch (error) {
    throw new Error(`system/${load.corpus.name}/${agent.name} is not measured`, { cause: error })
  } finally {
    child?.kill('SIGKILL')
    await Promise.all([server.close(), sink.close()])
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function workOf({ targets }: Load, server: string, sink: string): Work {
  return {
    targets: Array.from({ length: targets }, (_, i) => ({ address: server, path: `/${i}`, instance: `host-${i}:9100` })),
    remoteWriteUrl: `http://${sink}/api/v1/write`,
    intervalMs,
  }
}

async function startAgent(agent: Agent, at: { folder: string; work: Work; profile: string | undefined }): Promise<ChildProcess> {
  const place = { config: join(at.folder, 'config.json'), data: join(at.folder, 'data') }
  mkdirSync(place.data)
  writeFileSync(place.config, agent.configure(at.work))
  const [program, ...args] = await agent.command(at.work, place)
  const profiling = at.profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', process.cwd(), '--cpu-prof-name', at.profile]
  const child = spawn(program, [...profiling, ...args], { cwd: at.folder, stdio: ['ignore', 'ignore', 'pipe'] })
  running.add(child)
  let log = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4000)
  })
  child.on('exit', () => {
    running.delete(child)
    if (child.exitCode !== 0 && child.signalCode === null) process.stderr.write(`${agent.name} ended; the end of its log:\n${log}\n`)
  })
  await once(child, 'spawn')
  return child
}

async function untilMeasured(child: ChildProcess, marks: readonly ProcessFigures[]): Promise<void> {
  const deadline = performance.now() + maxRunMs
  while (marks.length < 2) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the agent ended')
    if (performance.now() > deadline) throw new Error(`not enough scrapes within ${maxRunMs / 1000} s`)
    await sleep(50)
  }
}

async function stop(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const isLate = await Promise.race([exited.then(() => false), sleep(stopMs, true, { ref: false })])
  if (isLate) throw new Error(`the agent did not stop within ${stopMs / 1000} s`)
}

function checkDelivery(corpus: Corpus, sink: WriteSink): Delivery {
  const check = new DeliveryCheck(corpus.pages)
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

function figuresOf(run: { load: Load; marks: readonly ProcessFigures[]; delivery: Delivery; sink: WriteSink }): AgentFigures {
  const { load, delivery, sink } = run
  const [begin, end] = run.marks
  if (begin === undefined || end === undefined) throw new Error('the measured part has no end')
  // A scrape's time is shortly before its page is asked for, which is when the figures are read.
  const isMeasured = (timeMs: number): boolean => timeMs >= begin.atMs - intervalMs / 2 && timeMs < end.atMs - intervalMs / 2
  const samples = delivery.scrapedMs.filter(isMeasured).length * load.corpus.samples
  return {
    cpuSecondsPerMillion: (end.cpuMs - begin.cpuMs) / 1000 / (samples / 1e6),
    bytesPerSample: sink.bodies.reduce((sum, body) => sum + body.length, 0) / delivery.samples,
    rssMb: end.rssMb,
    peakMb: end.peakMb,
    unseen: delivery.unseen,
  }
}
