import { setImmediate } from 'node:timers/promises'
import type { DeadLetter, SendOutcome } from '../../delivery/sink.js'
import { type Batch, totalOf } from '../../model/batch.js'
import { batchOf, samplesOf } from '../../model/samples.js'
import { createDiskSpool } from '../../spool/disk-spool.js'
import { createMemorySpool } from '../../spool/memory-spool.js'
import type { FsyncPolicy, Spool } from '../../spool/spool.js'
import { FakeDisk } from '../../spool/testdata/fake-disk.js'
import { createRandom } from '../../spool/testdata/random.js'
import { createFakeClock, type FakeClock } from '../../testing/fake-clock.js'
import { createMemorySink } from '../../testing/memory-sink.js'
import { createPipeline } from '../create-pipeline.js'
import type { Accounts, Pipeline, SinkSetup } from '../pipeline.js'
import { answers as commonAnswers, filter, filteredOut, poisonous, refusePoison, tenants } from './troubles.js'

/** What a server may say, by name. */
export const answers: Readonly<Record<string, () => SendOutcome>> = {
  ...commonAnswers,
  partial: () => ({
    status: 'delivered',
    rejected: { counts: { samples: 1, histograms: 0, exemplars: 0 }, reason: 'partial', message: 'one is bad' },
  }),
  invalid: () => ({ status: 'rejected', error: new Error('400'), cause: 'invalid', divisible: false }),
}

/** How a sink is set up; the same plan gives the same setup object, as in a reload that changes nothing for it. */
export interface Plan {
  readonly name: string
  readonly overflow: 'block' | 'drop-oldest'
  readonly start: 'end' | 'beginning'
  readonly lanes: number
  readonly ageLimit: boolean
  readonly deadLetter: boolean
  readonly filters: boolean
}

export type Step =
  | {
      readonly kind: 'write'
      readonly origin: number
      readonly sizes: readonly number[]
      readonly mark: 'poison' | 'filtered' | 'old' | 'none'
    }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'settle'; readonly turns: number }
  | { readonly kind: 'apply'; readonly plans: readonly Plan[] }
  | { readonly kind: 'restart'; readonly how: 'close' | 'kill' | 'power'; readonly operations: number }
  | { readonly kind: 'damage'; readonly bytes: number }
  | { readonly kind: 'disk'; readonly state: 'full' | 'ill' | 'well' }
  | { readonly kind: 'dead letter'; readonly broken: boolean }

/** What happened to one pipeline between its opening and its end. */
interface Life {
  readonly clock: FakeClock
  readonly pipeline: Pipeline
  /** What is old is given up. */
  readonly givesUp: boolean
  /** Nothing that it still does counts. */
  over: boolean
}

/** A pipeline on a disk that fails, with everything that can happen to both. */
export class World {
  readonly disk: FakeDisk = new FakeDisk()
  readonly draw: (bound: number) => number
  readonly #kind: FsyncPolicy | 'memory'
  readonly #script: string[]
  readonly #setups = new Map<string, SinkSetup>()
  /** Where and when the accounts did not balance. */
  readonly faults: string[] = []
  /** How often the world was stopped to look. */
  looks = 0
  /** By sink, values that it must have been offered in the end: acknowledged, and nothing happened since that may take them from it. */
  readonly #owed = new Map<string, Set<number>>()
  readonly #offered = new Map<string, Set<number>>()
  #plans: readonly Plan[]
  #nowMs = 1_700_000_000_000
  #next = 1
  #deadLetterBroken = false
  #damaged = false
  #wasIll = false
  #diskState: 'full' | 'ill' | 'well' = 'well'
  #applying: Promise<void> = Promise.resolve()
  #isReloading = false
  #life: Life

  constructor(options: { plans: readonly Plan[]; script: readonly string[]; seed: number; kind: FsyncPolicy | 'memory' }) {
    this.draw = createRandom(options.seed)
    this.disk.writesAtOnce = this.draw(2) === 0
    this.#kind = options.kind
    this.#script = [...options.script]
    this.#plans = options.plans
    this.disk.options = { fail: (operation) => this.#onDisk(operation) }
    this.#life = this.#begin()
  }

  #begin(): Life {
    const clock = createFakeClock({ nowMs: this.#nowMs })
    const givesUp = this.draw(3) === 0
    if (givesUp) this.#owed.clear()
    const spool = this.#kind === 'memory' ? createMemorySpool({ maxBytes: 4_096, clock }) : this.#createDiskSpool(clock, givesUp)
    this.#setups.clear()
    const pipeline = createPipeline({
      name: 'p',
      spool,
      clock,
      random: () => 0.5,
      sinks: this.#plans.map((plan) => this.#setup(plan)),
      instruments: { counter: () => () => this.look('metric'), gauge: () => () => {}, beforeCollect: () => () => {} },
    })
    const life = { clock, pipeline, givesUp, over: false }
    for (const event of ['batch', 'delivered', 'retry', 'rejected', 'dropped', 'state'] as const) {
      pipeline.events.on(event, () => this.look(`event ${event}`))
    }
    return life
  }

  #createDiskSpool(clock: FakeClock, givesUp: boolean): Spool {
    return createDiskSpool({
      dir: '/spool',
      fileSystem: this.disk,
      clock,
      fsync: this.#kind === 'memory' ? 'os' : this.#kind,
      minFreeBytes: 0,
      maxBytes: 4_096,
      segmentBytes: 1_024,
      maxRecordBytes: 1_024,
      tailBytes: this.draw(2) * 16_000,
      unusedGraceMs: 20_000,
      ...(givesUp && { maxAgeMs: 20_000 }),
    })
  }

  #setup(plan: Plan): SinkSetup {
    const key = JSON.stringify(plan)
    const known = this.#setups.get(key)
    if (known !== undefined) return known
    const setup: SinkSetup = {
      sink: this.#createSink(plan.name),
      overflow: plan.overflow,
      start: plan.start,
      transforms: plan.filters ? [filter] : [],
      ...(plan.deadLetter && { deadLetter: this.#createDeadLetter() }),
      delivery: {
        lanes: plan.lanes,
        maxSamplesPerSend: 7,
        batchSendDeadlineMs: 200,
        maxHeldBytes: 600 * plan.lanes,
        maxInFlight: 2,
        sampleAgeLimitMs: plan.ageLimit ? 5_000 : 0,
      },
    }
    this.#setups.set(key, setup)
    return setup
  }

  #createSink(name: string): SinkSetup['sink'] {
    if (!this.#offered.has(name)) this.#offered.set(name, new Set())
    const sink = createMemorySink({
      name,
      maxBodyBytes: 16 * 6,
      otherwise: ({ batches }) => {
        this.look('send')
        for (const batch of batches) for (const { value } of samplesOf(batch)) this.#offered.get(name)?.add(value)
        return refusePoison(batches) ?? answers[this.#script.shift() ?? 'ok']!()
      },
    })
    const encode = sink.encode.bind(sink)
    sink.encode = (batches) => {
      this.look('encode')
      return encode(batches)
    }
    return sink
  }

  #createDeadLetter(): DeadLetter {
    return {
      write: async () => {
        this.look('dead letter')
        if (this.#deadLetterBroken) throw new Error('no space left on device')
      },
    }
  }

  #onDisk(operation: string): string | undefined {
    this.look(`disk ${operation}`)
    if (this.#diskState === 'full' && operation === 'write' && this.draw(2) === 0) return 'ENOSPC'
    if (this.#diskState === 'ill' && ['read', 'write', 'datasync'].includes(operation) && this.draw(4) === 0) return 'EIO'
    return undefined
  }

  /** Stops the world: whatever is under way, the accounts must balance now. */
  look(where: string): void {
    const life: Life | undefined = this.#life
    if (life === undefined || life.over) return
    this.looks++
    const accounts = life.pipeline.accounts()
    if (!accounts.balanced) this.faults.push(`${where}: ${JSON.stringify(accounts)}`)
  }

  async run(one: Step): Promise<void> {
    this.look('before a step')
    if (one.kind === 'write') this.#write(one)
    else if (one.kind === 'wait') await this.#life.clock.advance(one.ms)
    else if (one.kind === 'apply') this.#apply(one.plans)
    else if (one.kind === 'restart') await this.#restart(one)
    else if (one.kind === 'damage') this.#damage(one.bytes)
    else if (one.kind === 'disk') this.#turnDisk(one.state)
    else if (one.kind === 'dead letter') this.#deadLetterBroken = one.broken
    for (let i = one.kind === 'settle' ? one.turns : 1; i > 0; i--) {
      await setImmediate()
      this.look('after a turn')
    }
  }

  #write({ origin, sizes, mark }: Extract<Step, { kind: 'write' }>): void {
    const { pipeline, clock } = this.#life
    const timestampMs = clock.nowMs() - (mark === 'old' ? 10_000 : 0)
    const tenant = tenants[origin % tenants.length]
    for (const size of sizes) {
      const samples = Array.from({ length: size }, (_, i) => {
        const marked = i > 0 ? 0 : mark === 'poison' ? poisonous : mark === 'filtered' ? filteredOut : 0
        return { labels: { __name__: 'm', i: String(i) }, value: this.#next++ + marked, timestampMs }
      })
      const batch: Batch = batchOf(samples, { kind: 'target', id: `t${origin}`, ...(tenant !== undefined && { tenant }) })
      const plans = this.#plans
      const owe = (): void => {
        // Who came meanwhile may have begun behind it.
        if (mark === 'none' && plans === this.#plans) this.#owe(samples.map(({ value }) => value))
      }
      pipeline.write(batch).then(owe, () => {})
    }
  }

  /** The spool has taken these. */
  #owe(values: readonly number[]): void {
    // Damage of a dictionary costs later batches as well.
    if (this.#isReloading || this.#damaged || this.#life.givesUp) return
    for (const { name, overflow, ageLimit } of this.#plans) {
      if (overflow !== 'block' || ageLimit) continue
      const owed = this.#owed.get(name) ?? new Set()
      this.#owed.set(name, owed)
      for (const value of values) owed.add(value)
    }
  }

  /** What was acknowledged and never offered to a sink. */
  lost(): readonly string[] {
    return [...this.#owed].flatMap(([name, owed]) =>
      [...owed].filter((value) => !this.#offered.get(name)?.has(value)).map((value) => `${name}: ${value}`),
    )
  }

  /** What follows goes on beside it. */
  #apply(after: readonly Plan[]): void {
    const setups = after.map((plan) => this.#setup(plan))
    const stays = new Set(
      this.#plans.map((plan) => JSON.stringify(plan)).filter((plan) => after.some((one) => JSON.stringify(one) === plan)),
    )
    for (const plan of this.#plans) if (!stays.has(JSON.stringify(plan))) this.#owed.delete(plan.name)
    this.#plans = after
    this.#isReloading = true
    const applied = this.#life.pipeline.apply({ sinks: setups })
    this.#applying = applied.then(
      () => {
        this.#isReloading = false
      },
      () => {},
    )
  }

  async #restart({ how, operations }: Extract<Step, { kind: 'restart' }>): Promise<void> {
    const { pipeline, clock } = this.#life
    if (how === 'close') await this.during(pipeline.close().catch(() => {}))
    else {
      this.disk.dieAfter(operations)
      await clock.advance(300)
    }
    const before = pipeline.accounts()
    this.#life.over = true
    if (how === 'power' || this.#kind === 'memory') this.#owed.clear()
    if (how === 'power') this.disk.losePower(this.draw)
    else this.disk.kill()
    this.#nowMs = clock.nowMs()
    await this.#start()
    if (how === 'close' && !this.#wasIll && !this.#damaged && this.#kind !== 'memory') this.compare(before, this.#life.pipeline.accounts())
  }

  /** A disk that is ill may not let a pipeline open; then somebody mends it, and starts it once more. */
  async #start(): Promise<void> {
    this.#life = this.#begin()
    const opened = await this.during(
      this.#life.pipeline.open().then(
        () => true,
        () => false,
      ),
    )
    if (opened) return
    this.#diskState = 'well'
    this.#life.over = true
    await this.#start()
  }

  /** What was left at a close is found at the next start, with what else is in the batches of which only a part was left. */
  compare(before: Accounts, after: Accounts): void {
    for (const [name, { recovered, in: entered, spooled, inFlight }] of Object.entries(before.sinks)) {
      const found = after.sinks[name]
      if (found === undefined) continue
      const [least, most] = [totalOf(spooled) + totalOf(inFlight), totalOf(recovered) + totalOf(entered)]
      const total = totalOf(found.recovered)
      if (total < least || total > most) this.faults.push(`${name}: of ${most}, ${least} were left, ${total} found`)
    }
  }

  #turnDisk(state: 'full' | 'ill' | 'well'): void {
    this.#diskState = state
    this.#wasIll ||= state !== 'well'
  }

  /** Flips bytes of the segments, under a pipeline that runs. */
  #damage(bytes: number): void {
    const segments = this.disk.names.filter((name) => name.endsWith('.seg'))
    const name = segments[this.draw(segments.length)]
    this.#damaged = true
    this.#owed.clear()
    if (name !== undefined) this.disk.flip(name, bytes, this.draw)
  }

  /** All goes well from here on: in the end nothing is left. */
  async heal(): Promise<Accounts> {
    this.#script.length = 0
    this.#deadLetterBroken = false
    this.#diskState = 'well'
    await this.during(this.#applying)
    // What could not be opened is, when somebody asks once more.
    await this.during(this.#life.pipeline.apply({ sinks: this.#plans.map((plan) => this.#setup(plan)) }))
    // Writes that wait for room come in while others leave.
    while (totalOf(this.#life.pipeline.accounts().intake.pending) > 0) await this.#life.clock.advance(100)
    await this.during(this.#life.pipeline.flush())
    this.look('at rest')
    return this.#life.pipeline.accounts()
  }

  async close(): Promise<void> {
    await this.during(this.#life.pipeline.close())
    this.look('closed')
  }

  /** Does something while time goes on, a little at a time. */
  async during<T>(work: Promise<T>): Promise<T> {
    let done = false
    const finish = work.finally(() => {
      done = true
    })
    finish.catch(() => {})
    for (let i = 0; !done; i++) {
      if (i > 5_000) throw new Error('it does not come to an end')
      await this.#life.clock.advance(100)
    }
    return await finish
  }
}

