import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../e2e/seeded-random.js'
import { ChildProgram, testeeArguments } from '../../programs/child-program.js'
import { createScratchFolder, type ScratchFolder } from '../scratch-folder.js'
import { defaultSettledAfterMs } from './ledger.js'
import { drawMood, drawMoodMs } from './mood.js'
import type { FsyncPolicy, TargetPlan } from './options.js'
import type { Target } from './target.js'
import { createTargets, setMoods, sinkArguments, untilComplete } from './targets.js'
import { Writer } from './writer.js'

/** Two segments of a quarter of this are soon full: they roll, and go, and sometimes a sink is at its cap and holds the clients up. */
const spoolBytes = 1_000_000
/** Series and padding of each client: requests of 100 bytes and of 20 KB. */
const clients = [
  { seriesCount: 1, padding: 0 },
  { seriesCount: 20, padding: 40 },
  { seriesCount: 60, padding: 300 },
] as const
/** Every so many lives the end is a SIGTERM. */
const termEvery = 12
/** Every so many lives everything is let through and compared: what is found is found near where it happened. */
const checkEvery = 100
/** One of so many is killed while it starts and recovers. */
const startKillShare = 1 / 4
/** Up to so many times as long as the last start took: before, while and just after it recovers. */
const longestStart = 1.3
/** What a start takes on an idle machine, until one is measured. */
const firstStartMs = 400
const longestLifeMs = 300
/** Now and then one lives long enough for something to be settled. */
const longLifeShare = 1 / 12
const longestLongLifeMs = 5_000
/** On a machine that many share, a relay that needs long for its start needs as long for what it does soon: in so many starts it is done. */
const settledAfterStarts = 3
/** Where a sink is at its cap nothing is acknowledged until it goes on. */
const maxIdleMs = 1_000
/** After a kill the targets read to the end what had been sent. */
const afterKillMs = 10
const pollMs = 20

export interface TorturedRelayOptions {
  /** Tells it from others. */
  readonly index: number
  readonly kills: number
  readonly fsync: FsyncPolicy
  readonly targets: TargetPlan
  readonly seed: number
}

/** A relay with clients and targets of its own, which is killed again and again. */
export class TorturedRelay {
  readonly writers: readonly Writer[]
  readonly targets: Target[] = []
  kills = 0
  /** How long it took from SIGTERM to the end, each time. */
  readonly termMs: number[] = []
  /** How long it took from the start of the process until it listened, each time. */
  readonly startMs: number[] = []
  /** What must not be, beside what the ledgers say. */
  readonly violations: string[] = []
  readonly #folder: ScratchFolder = createScratchFolder('promline-torture-')
  readonly #options: TorturedRelayOptions
  readonly #random: () => number
  readonly #stop = new AbortController()
  #lives = 0
  /** Targets are left as they are. */
  #checking = false
  #relay: ChildProgram | undefined

  constructor(options: TorturedRelayOptions) {
    this.#options = options
    this.#random = seededRandom(options.seed)
    // Addresses of the loopback network, of which Linux has all: each client is an origin of its own.
    this.writers = clients.map(
      (client, i) => new Writer({ ...client, name: `client-${i}`, localAddress: `127.0.0.${i + 1}`, random: this.#fork() }),
    )
  }

  /** Kept where something was violated. */
  get dir(): string {
    return this.#folder.path
  }

  get allViolations(): string[] {
    const found = [...this.violations, ...this.targets.flatMap(({ ledger }) => ledger.violations)]
    return found.map((text) => `relay ${this.#options.index}: ${text}`)
  }

  /** Kills as often as it is told, or until something is violated. */
  async run(): Promise<void> {
    const { targets } = this.#options
    this.targets.push(...(await createTargets(this.writers, () => this.#fork())))
    const changing = targets === 'changing' ? this.targets.map((target) => this.#change(target)) : []
    if (targets === 'up') await setMoods(this.targets, 'up')
    try {
      for (const writer of this.writers) writer.start()
      while (this.kills < this.#options.kills && this.allViolations.length === 0) {
        await this.#liveOnce(++this.#lives % termEvery === 0 ? 'SIGTERM' : 'SIGKILL')
      }
      await this.#liveOnce('SIGTERM')
      await this.#check()
    } catch (error) {
      this.violations.push(String(error))
    } finally {
      this.#stop.abort()
      await this.#relay?.kill()
      await Promise.all([...changing, ...this.writers.map((writer) => writer.stop())])
      await setMoods(this.targets, 'down')
      for (const writer of this.writers) writer.close()
      if (this.allViolations.length === 0) await this.#folder.remove()
      else this.#folder.keep()
    }
  }

  /** Numbers of its own for each that draws, whatever the others do meanwhile. */
  #fork(): () => number {
    return seededRandom(Math.floor(this.#random() * 2 ** 31))
  }

  async #change(target: Target): Promise<void> {
    const random = this.#fork()
    while (!this.#stop.signal.aborted) {
      if (!this.#checking) await target.setMood(drawMood(random))
      await sleep(drawMoodMs(random))
    }
  }

  async #liveOnce(end: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const random = this.#random
    if (this.#lives % checkEvery === 0 && this.#options.targets !== 'down') await this.#check()
    const relay = this.#startRelay()
    if (end === 'SIGKILL' && random() < startKillShare) {
      await Promise.race([sleep(random() * longestStart * (this.startMs.at(-1) ?? firstStartMs)), relay.exited])
    } else {
      await this.#untilListening(relay)
      await this.#untilAcknowledged()
      const lifeMs = random() < longLifeShare ? random() * longestLongLifeMs : random() ** 2 * longestLifeMs
      await Promise.race([sleep(lifeMs), relay.exited])
    }
    if (relay.isOver) {
      const { status, stderr } = await relay.exited
      throw new Error(`a relay ended by itself, with ${status}: ${stderr.slice(-2_000)}`)
    }
    if (end === 'SIGTERM') await this.#terminate(relay)
    else await this.#kill(relay)
  }

  #startRelay(): ChildProgram {
    const sinks = sinkArguments(this.targets, spoolBytes)
    const args = testeeArguments('relay', '--listen', '127.0.0.1:0', '--data', this.dir, '--fsync', this.#options.fsync, ...sinks)
    this.#relay = new ChildProgram({ args })
    return this.#relay
  }

  async #untilListening(relay: ChildProgram): Promise<void> {
    const began = performance.now()
    const [, url] = await relay.printed(/listening on (\S+)\n/)
    const startMs = performance.now() - began
    this.startMs.push(startMs)
    for (const { ledger } of this.targets) ledger.settledAfterMs = Math.max(defaultSettledAfterMs, settledAfterStarts * startMs)
    for (const writer of this.writers) writer.url = `${url!}/api/v1/write`
  }

  /** The relay has taken something, or cannot. */
  async #untilAcknowledged(): Promise<void> {
    const sum = (): number => this.writers.reduce((total, { acknowledged }) => total + acknowledged, 0)
    const before = sum()
    const deadline = performance.now() + maxIdleMs
    while (sum() === before && performance.now() < deadline) await sleep(pollMs)
  }

  async #kill(relay: ChildProgram): Promise<void> {
    await relay.kill()
    this.kills++
    await this.#afterEnd()
  }

  async #terminate(relay: ChildProgram): Promise<void> {
    const began = performance.now()
    const { status, stderr } = await relay.stop()
    this.termMs.push(performance.now() - began)
    await this.#afterEnd()
    if (status !== 0) throw new Error(`SIGTERM: ended with ${status}: ${stderr.slice(-2_000)}`)
  }

  async #afterEnd(): Promise<void> {
    for (const writer of this.writers) writer.url = undefined
    await sleep(afterKillMs)
    for (const target of this.targets) target.killed()
  }

  /** Lets everything through, and compares. */
  async #check(): Promise<void> {
    this.#checking = true
    await setMoods(this.targets, 'up')
    const relay = this.#startRelay()
    await this.#untilListening(relay)
    await Promise.all(this.writers.map((writer) => writer.stop()))
    await untilComplete(this.targets, relay)
    await this.#terminate(relay)
    if (existsSync(join(this.dir, 'dead-letter'))) this.violations.push('something went to the dead letter')
    this.#checking = false
    for (const writer of this.writers) writer.start()
  }
}
