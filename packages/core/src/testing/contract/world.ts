import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DeliveryOptions } from '../../delivery/delivery-options.js'
import type { DeadLetter } from '../../delivery/sink.js'
import { type Batch, totalOf } from '../../model/batch.js'
import { createPipeline } from '../../pipeline/create-pipeline.js'
import type { Pipeline, SinkAccounts } from '../../pipeline/pipeline.js'
import { createDiskSpool } from '../../spool/disk-spool.js'
import { createFakeClock } from '../fake-clock.js'
import { carriedOf } from './bench.js'
import type { CaseContext, CaseDefinition } from './case.js'
import { broken, check, checkSameSamples, sampleText, splitRepeats, within } from './check.js'
import { samplesOfBatches } from './material.js'
import { aTurn, ScriptedDestination } from './scripted-destination.js'
import type { ReceivedSample, SinkContractBench } from './subject.js'
import { type EncodeBefore, WatchedSink } from './watched-sink.js'

/** What was given up, by the dead letter's own words. */
export interface Letter {
  readonly samples: readonly ReceivedSample[]
  readonly origin: string
  readonly reason: string
}

export interface OpenOptions {
  readonly delivery?: DeliveryOptions
  /** Stands before the sink's own. */
  readonly encode?: EncodeBefore
}

/**
 * The sink in a real pipeline on a spool on disk, over a destination that stays while pipelines come and go. Time is a fake clock that goes
 * from timer to timer while nothing is being sent, so that minutes of back-off take none, and no attempt times out.
 */
export class World {
  readonly destination: ScriptedDestination = new ScriptedDestination()
  readonly letters: Letter[] = []
  readonly written: Batch[] = []
  readonly #context: CaseContext
  readonly #dir: string
  readonly #clock = createFakeClock()
  #bench: SinkContractBench | undefined
  #pipeline: Pipeline | undefined
  #sinkName = ''
  /** What the destination had acknowledged when this pipeline opened. */
  #acknowledgedBefore = 0
  #watched: WatchedSink | undefined
  /** The first moment at which the accounts did not balance. */
  #imbalance: Error | undefined

  private constructor(context: CaseContext, dir: string) {
    this.#context = context
    this.#dir = dir
    this.destination.watch = () => this.#watchAccounts()
  }

  static async create(context: CaseContext): Promise<World> {
    return new World(context, await mkdtemp(join(context.folder, 'promline-contract-')))
  }

  get pipeline(): Pipeline {
    if (this.#pipeline === undefined) throw broken('the pipeline is not open')
    return this.#pipeline
  }

  get accounts(): SinkAccounts {
    const accounts = this.pipeline.accounts().sinks[this.#sinkName]
    if (accounts === undefined) throw broken(`the pipeline has no sink ${this.#sinkName}`)
    return accounts
  }

  /** Opens the subject and a pipeline on the spool, which may be there from the one before. */
  async open({ delivery = {}, encode }: OpenOptions = {}): Promise<void> {
    const { subject, patienceMs } = this.#context
    this.#bench = await within(patienceMs, 'open() of the subject', subject.open(this.destination))
    const own = this.#bench.sink
    const { name } = own
    check(
      this.#sinkName === '' || this.#sinkName === name,
      `the sink was called ${this.#sinkName}, and is called ${name} now: its data waits for the other`,
    )
    this.#sinkName = name
    this.#acknowledgedBefore = this.destination.acknowledged
    const deadLetter: DeadLetter = {
      write: async (batch, { reason }) => {
        this.letters.push({ samples: samplesOfBatches([batch]), origin: batch.origin.id, reason })
      },
    }
    this.#watched = new WatchedSink(own, encode)
    this.#pipeline = createPipeline({
      name: 'contract',
      spool: createDiskSpool({ dir: this.#dir, clock: this.#clock, fsync: 'os', minFreeBytes: 0 }),
      sinks: [{ sink: this.#watched, delivery, deadLetter }],
      clock: this.#clock,
      // The middle of every range: back-offs are the same each time.
      random: () => 0.5,
    })
    await this.#pipeline.open()
  }

  async write(batch: Batch): Promise<void> {
    await this.during(this.pipeline.write(batch), 'write()')
    this.written.push(batch)
    this.#watchAccounts()
  }

  /** Waits for something while time goes on. */
  async during<T>(work: Promise<T>, what: string, options: { readonly passAlways?: boolean } = {}): Promise<T> {
    let isDone = false
    const finish = work.finally(() => {
      isDone = true
    })
    finish.catch(() => {})
    await this.until(() => isDone, what, options)
    return await finish
  }

  /** Waits for a condition; time passes while nothing is being sent, or always. */
  async until(condition: () => boolean, what: string, options: { readonly passAlways?: boolean } = {}): Promise<void> {
    const { patienceMs } = this.#context
    const beganMs = performance.now()
    while (!condition()) {
      const late = performance.now() - beganMs > patienceMs
      check(!late, () => `${what} did not come to an end within ${patienceMs} ms (${this.#stateText()})`)
      // What is under way over sockets and on the disk goes on first.
      await aTurn()
      this.#watchAccounts()
      if (condition()) return
      if ((options.passAlways === true || this.#watched?.sending === 0) && this.#clock.timers > 0) {
        let steps = 0
        await this.#clock.advanceUntil(() => steps++ > 0 || this.#clock.timers === 0)
      }
    }
  }

  /** Flushes, and checks that every sample is stored, or in the dead letter, and the accounts say the same. */
  async settle(options: { readonly mayRepeat?: (sample: ReceivedSample) => boolean } = {}): Promise<void> {
    await this.during(this.pipeline.flush(), 'flush()')
    this.checkAccounts()
    const { spooled, inFlight, delivered, rejected, dropped } = this.accounts
    check(totalOf(spooled) + totalOf(inFlight) === 0, 'after flush() something is spooled or in flight still')
    check(dropped['unaccounted'] === undefined, () => `${totalOf(dropped['unaccounted']!)} samples are in no part and in nothing dropped`)
    const [once, again] = splitRepeats(this.destination.stored)
    const surplus = again.filter((sample) => options.mayRepeat?.(sample) !== true)
    check(surplus.length === 0, () => `${surplus.length} samples arrived twice for no reason: ${sampleText(surplus[0]!)}`)
    const refused = this.letters.flatMap(({ samples }) => samples)
    checkSameSamples(
      'what is stored or in the dead letter',
      [...once, ...this.#carried(refused)],
      this.#carried(samplesOfBatches(this.written)),
    )
    const total = Object.values(rejected).reduce((sum, counts) => sum + totalOf(counts), 0)
    check(total === refused.length, `the accounts say that ${total} samples were rejected, and ${refused.length} are in the dead letter`)
    const told = this.destination.acknowledged - this.#acknowledgedBefore
    check(delivered.samples === told, `the accounts call ${delivered.samples} samples delivered, and the destination said so of ${told}`)
  }

  /** Throws where the accounts did not balance at some moment. */
  checkAccounts(): void {
    this.#watchAccounts()
    if (this.#imbalance !== undefined) throw this.#imbalance
  }

  /** Closes the pipeline and its bench; the accounts must balance to the end. */
  async close(options: { readonly deadlineMs?: number } = {}): Promise<void> {
    const [pipeline, bench] = [this.#pipeline, this.#bench]
    this.#bench = undefined
    try {
      if (pipeline !== undefined) await this.during(pipeline.close(options), 'close() of the pipeline', { passAlways: true })
      this.checkAccounts()
    } finally {
      this.#pipeline = undefined
      if (bench !== undefined) await within(this.#context.patienceMs, 'close() of the bench', bench.close())
    }
  }

  /** Leaves nothing behind. */
  async dispose(): Promise<void> {
    try {
      await this.close().catch(() => {})
    } finally {
      await rm(this.#dir, { recursive: true, force: true })
    }
  }

  #carried(samples: readonly ReceivedSample[]): ReceivedSample[] {
    return carriedOf(this.#context, samples)
  }

  #watchAccounts(): void {
    const accounts = this.#pipeline?.accounts()
    if (accounts?.balanced === false) this.#imbalance ??= broken(`the accounts do not balance: ${JSON.stringify(accounts)}`)
  }

  #stateText(): string {
    const status = this.#pipeline?.status().sinks[0]
    if (status === undefined) return 'there is no pipeline'
    const { state, reason, retries, spooled, inFlight } = status
    const why = reason === undefined ? '' : `, ${reason}`
    return `the sink is ${state}${why}; ${retries} retries, ${totalOf(spooled)} spooled, ${totalOf(inFlight)} in flight`
  }
}

/** A case with the sink in a pipeline. */
export function pipelineCase(
  name: string,
  run: (world: World, context: CaseContext) => Promise<void>,
  needs: NonNullable<CaseDefinition['needs']> = [],
): CaseDefinition {
  return {
    name,
    needs,
    async run(context) {
      const world = await World.create(context)
      try {
        await run(world, context)
        await world.close()
      } finally {
        await world.dispose()
      }
    },
  }
}
