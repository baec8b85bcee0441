import { allEnded } from '../delivery/all-ended.js'
import type { SinkLedger } from '../delivery/sink-ledger.js'
import type { DeadLetter } from '../delivery/sink.js'
import type { Counts } from '../model/batch.js'
import type { Spool } from '../spool/spool.js'
import type { SinkSetup } from './pipeline.js'
import { type SinkRunner, untilAborted } from './sink-runner.js'

export interface SinkSetOptions {
  readonly spool: Spool
  /** Makes a runner; it goes on with the accounts of the one that it replaces. */
  create(setup: SinkSetup, ledger?: SinkLedger): SinkRunner
  /** A sink is gone. Its place in a spool on disk stays for the spool's time of grace; in memory it goes with it. */
  removed(runner: SinkRunner): void
}

/** The sinks of a pipeline, by name. */
export class SinkSet {
  readonly #options: SinkSetOptions
  #runners: readonly SinkRunner[]
  #opened = false
  /** Runners that left their place to another, which could not be opened yet. */
  readonly #left = new Set<SinkRunner>()
  /** Called once each. */
  readonly #closedDeadLetters = new WeakSet<DeadLetter>()
  /** Resolves when no reload is under way. */
  #applied: Promise<void> = Promise.resolve()

  constructor(setups: readonly SinkSetup[], options: SinkSetOptions) {
    this.#options = options
    this.#runners = setups.map((setup) => options.create(setup))
  }

  get runners(): readonly SinkRunner[] {
    return this.#runners
  }

  /** Opens all cursors. The spool must be open, and nothing be appended yet. */
  async open(): Promise<void> {
    for (const runner of this.#runners) await runner.open()
    for (const runner of this.#runners) runner.start()
    this.#opened = true
  }

  /**
   * Takes new setups. One that is the same in all parts runs on; one that changed is stopped, and goes on from its place in the spool. What
   * takes a server when sinks close has until the signal aborts. Rejects, after all was done that can be, where one cannot be opened: it is
   * opened by the next call.
   */
  apply(setups: readonly SinkSetup[], signal: AbortSignal): Promise<void> {
    const applied = this.#apply(setups, signal)
    this.#applied = applied.catch(() => {})
    return applied
  }

  async #apply(setups: readonly SinkSetup[], signal: AbortSignal): Promise<void> {
    const before = new Map(this.#runners.map((runner) => [runner.name, runner]))
    const after = setups.map((setup) => {
      const known = before.get(setup.sink.name)
      if (known !== undefined && known.isRunning === this.#opened && isSame(known.setup, setup)) return known
      return this.#options.create(setup, known?.ledger)
    })
    if (!this.#opened) {
      this.#runners = after
      return
    }
    const failures: unknown[] = []
    const open = async (runner: SinkRunner): Promise<void> => {
      try {
        await runner.open()
        for (const one of this.#leftAs(runner.name)) this.#left.delete(one)
      } catch (error) {
        failures.push(error)
      }
    }
    const leaving = this.#runners.filter((runner) => !after.includes(runner))
    const added = after.filter((runner) => !before.has(runner.name))
    // What is new misses nothing from now on; it sends when those that go are closed, for they may have the same destination.
    this.#runners = [...this.#runners, ...added]
    for (const runner of added) await open(runner)
    await Promise.all(leaving.map((runner) => runner.stop()))
    const kept = new Set(setups.map((setup) => setup.sink))
    const stays = new Set(setups.map((setup) => setup.sink.name))
    for (const runner of leaving)
      await this.#leave(runner, { signal, keepSink: kept.has(runner.setup.sink), reopens: stays.has(runner.name) })
    await untilAborted(this.#closeDeadLetters(leaving, new Set(setups.map((setup) => setup.deadLetter))), signal)
    await this.#remove(leaving.filter((runner) => !stays.has(runner.name)))
    this.#runners = after
    for (const runner of after) if (before.has(runner.name) && before.get(runner.name) !== runner) await open(runner)
    for (const runner of after) if (!runner.isRunning) runner.start()
    if (failures.length > 0) throw failures[0]
  }

  async #leave(
    runner: SinkRunner,
    options: { readonly signal: AbortSignal; readonly keepSink: boolean; readonly reopens: boolean },
  ): Promise<void> {
    await runner.close(options)
    if (options.reopens) {
      this.#left.add(runner)
      return
    }
    for (const before of this.#leftAs(runner.name)) {
      this.#left.delete(before)
      await before.close({ ...options, keepSink: true })
    }
  }

  #leftAs(name: string): SinkRunner[] {
    return [...this.#left].filter((runner) => runner.name === name)
  }

  async #remove(gone: readonly SinkRunner[]): Promise<void> {
    const { spool } = this.#options
    for (const runner of gone) {
      if (spool.status().kind === 'memory') await spool.removeCursor(runner.name)
      this.#options.removed(runner)
    }
  }

  confirm(seq: number, counts: Counts): void {
    for (const { ledger } of this.#runners) ledger.confirm(seq, counts)
  }

  /**
   * Waits until everything up to `seq` is settled for every sink, those that a reload brings meanwhile included. False: the signal aborted
   * first. Rejects where a sink could not be opened.
   */
  async flush(seq: number, signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      const applied = this.#applied
      await untilAborted(applied, signal)
      if (applied !== this.#applied) continue
      const settled = await Promise.all(this.#runners.map((runner) => runner.drain(seq, { signal })))
      if (settled.every(Boolean)) return true
    }
    return false
  }

  /** As `flush`, for a close: a sink that waits for a person is not waited for. */
  async drain(seq: number, signal: AbortSignal): Promise<void> {
    const running = this.#runners.filter((runner) => runner.isRunning)
    await allEnded(running.map((runner) => runner.drain(seq, { signal, notBlocked: true })))
  }

  hurry(): void {
    for (const runner of this.#runners) runner.hurry()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.stop()))
  }

  /** Closes sinks, cursors and dead letters. What takes a server has until the signal aborts. */
  async close(signal: AbortSignal): Promise<void> {
    const closing = allEnded(this.#runners.map((runner) => runner.close({ signal })))
    await Promise.allSettled([closing])
    await untilAborted(this.#closeDeadLetters(this.#runners, new Set()), signal)
    await closing
  }

  dropRest(reason: string): void {
    for (const runner of this.#runners) runner.dropRest(reason)
  }

  async #closeDeadLetters(runners: readonly SinkRunner[], kept: ReadonlySet<DeadLetter | undefined>): Promise<void> {
    const closing = runners.map(async ({ setup }) => {
      const { deadLetter } = setup
      if (deadLetter === undefined || kept.has(deadLetter) || this.#closedDeadLetters.has(deadLetter)) return
      this.#closedDeadLetters.add(deadLetter)
      await deadLetter.close?.()
    })
    await allEnded(closing)
  }
}

function isSame(a: SinkSetup, b: SinkSetup): boolean {
  return (
    a.sink === b.sink &&
    a.transforms === b.transforms &&
    a.delivery === b.delivery &&
    a.overflow === b.overflow &&
    a.start === b.start &&
    a.required === b.required &&
    a.deadLetter === b.deadLetter
  )
}
