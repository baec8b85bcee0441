import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../e2e/seeded-random.js'
import { ChildProgram, repository, testeeArguments } from '../../programs/child-program.js'
import { createScratchFolder } from '../scratch-folder.js'
import { type Mood, moods } from '../torture/mood.js'
import type { Target } from '../torture/target.js'
import { createTargets, setMoods, sinkArguments, untilComplete } from '../torture/targets.js'
import { Writer } from '../torture/writer.js'
import type { SoakOptions } from './options.js'
import { type ProbeSample, probeFileVariable, probeIntervalVariable } from './probe-sample.js'

/** Node loads no TypeScript: it comes from the build, also in tests. */
const probe = `${repository}conformance/dist/proof/soak/probe.js`
/** What is kept for a target that is away; segments of a quarter of it roll and go. */
const spoolBytes = 64 * 1024 * 1024
const maxHeapMegabytes = 256
const clientCount = 4
const requestEveryMs = 100
/** Samples of a series in a request, on average. */
const samplesPerSeries = 2
/** How long a target is well, and how long it is not: of three one is ill most of the time. */
const wellMs = { least: 2_000, most: 8_000 }
const illMs = { least: 500, most: 5_000 }
/** So many samples for a slope, but none more often than this, and none less often. */
const sampleCount = 60
const sampleEveryMs = { least: 1_000, most: 10_000 }
const progressMs = 60_000

/** What came of a soak. */
export interface SoakReport {
  readonly options: SoakOptions
  readonly seconds: number
  readonly samples: readonly ProbeSample[]
  /** Open file descriptors over time; nothing where the system does not tell. */
  readonly descriptors: readonly number[]
  readonly faults: number
  /** Samples that clients had acknowledged, as often as there are targets. */
  readonly acknowledged: number
  readonly missing: number
  readonly duplicates: number
  readonly violations: readonly string[]
}

/** A relay under load while one fault comes after the other. `print` is told how it goes. */
export async function runSoak(options: SoakOptions, print: (line: string) => void): Promise<SoakReport> {
  const folder = createScratchFolder('promline-soak-')
  const soak = new Soak(options, folder.path)
  try {
    return await soak.run(print)
  } finally {
    await soak.stop()
    await folder.remove()
  }
}

class Soak {
  readonly #options: SoakOptions
  readonly #dir: string
  readonly #random: () => number
  readonly #writers: readonly Writer[]
  readonly #targets: Target[] = []
  readonly #over = new AbortController()
  readonly #descriptors: number[] = []
  readonly #everyMs: number
  #faults = 0
  #relay: ChildProgram | undefined

  constructor(options: SoakOptions, dir: string) {
    this.#options = options
    this.#dir = dir
    this.#random = seededRandom(options.seed)
    const everyMs = (options.minutes * 60_000) / sampleCount
    this.#everyMs = Math.max(sampleEveryMs.least, Math.min(sampleEveryMs.most, everyMs))
    const seriesCount = Math.max(1, Math.round((options.rate * requestEveryMs) / 1_000 / samplesPerSeries / clientCount))
    this.#writers = Array.from(
      { length: clientCount },
      (_, i) =>
        new Writer({
          name: `client-${i}`,
          localAddress: `127.0.0.${i + 1}`,
          seriesCount,
          padding: 40,
          everyMs: requestEveryMs,
          random: seededRandom(options.seed + i),
        }),
    )
  }

  async run(print: (line: string) => void): Promise<SoakReport> {
    const began = performance.now()
    this.#targets.push(...(await createTargets(this.#writers, () => this.#random)))
    await setMoods(this.#targets, 'up')
    const relay = await this.#start()
    const changing = this.#targets.map((target, i) => this.#change(target, seededRandom(this.#options.seed + i)))
    await this.#watch(relay, print)
    this.#over.abort()
    await Promise.all([...changing, ...this.#writers.map((writer) => writer.stop())])
    const violations = await this.#end(relay)
    const samples = (await readFile(this.#probeFile, 'utf8')).trimEnd().split('\n')
    return {
      options: this.#options,
      seconds: (performance.now() - began) / 1_000,
      samples: samples.map((line): ProbeSample => JSON.parse(line)),
      descriptors: this.#descriptors,
      faults: this.#faults,
      acknowledged: this.#acknowledged * this.#targets.length,
      missing: this.#targets.reduce((sum, { ledger }) => sum + ledger.missing, 0),
      duplicates: this.#targets.reduce((sum, { ledger }) => sum + ledger.duplicates, 0),
      violations: [...violations, ...this.#targets.flatMap(({ ledger }) => ledger.violations)],
    }
  }

  async stop(): Promise<void> {
    this.#over.abort()
    await this.#relay?.kill()
    await setMoods(this.#targets, 'down')
    for (const writer of this.#writers) writer.close()
  }

  get #probeFile(): string {
    return join(this.#dir, 'probe.ndjson')
  }

  get #acknowledged(): number {
    return this.#writers.reduce((sum, { acknowledged, seriesCount }) => sum + acknowledged * seriesCount, 0)
  }

  async #start(): Promise<ChildProgram> {
    const sinks = sinkArguments(this.#targets, spoolBytes)
    const flags = ['--expose-gc', `--max-old-space-size=${maxHeapMegabytes}`, '--import', probe]
    const relay = new ChildProgram({
      args: [...flags, ...testeeArguments('relay', '--listen', '127.0.0.1:0', '--data', join(this.#dir, 'data'), ...sinks)],
      env: { ...process.env, [probeFileVariable]: this.#probeFile, [probeIntervalVariable]: String(this.#everyMs) },
    })
    this.#relay = relay
    const [, url] = await relay.printed(/listening on (\S+)\n/)
    for (const writer of this.#writers) {
      writer.url = `${url!}/api/v1/write`
      writer.start()
    }
    return relay
  }

  /** A target is well, then ill, and so on. */
  async #change(target: Target, random: () => number): Promise<void> {
    const ills: readonly Mood[] = moods.filter((mood) => mood !== 'up')
    const pause = ({ least, most }: { least: number; most: number }): Promise<unknown> =>
      sleep(least + random() * (most - least), undefined, { signal: this.#over.signal }).catch(() => {})
    while (!this.#over.signal.aborted) {
      await pause(wellMs)
      if (this.#over.signal.aborted) break
      await target.setMood(ills[Math.floor(random() * ills.length)]!)
      this.#faults++
      await pause(illMs)
      await target.setMood('up')
    }
  }

  /** Until the time is over, or the relay is. */
  async #watch(relay: ChildProgram, print: (line: string) => void): Promise<void> {
    const began = performance.now()
    const end = began + this.#options.minutes * 60_000
    let printAt = began + progressMs
    while (performance.now() < end && !relay.isOver) {
      await sleep(Math.min(this.#everyMs, Math.max(0, end - performance.now())))
      const open = await readdir(`/proc/${relay.pid}/fd`).catch(() => undefined)
      if (open !== undefined) this.#descriptors.push(open.length)
      if (performance.now() < printAt) continue
      printAt += progressMs
      const minutes = ((performance.now() - began) / 60_000).toFixed(0)
      print(`${minutes} of ${this.#options.minutes} minutes, ${this.#acknowledged} samples acknowledged, ${this.#faults} faults`)
    }
  }

  /** Lets everything through, and ends the relay; what went wrong. */
  async #end(relay: ChildProgram): Promise<string[]> {
    await setMoods(this.#targets, 'up')
    await untilComplete(this.#targets, relay)
    const isOver = relay.isOver
    const { status, stderr } = await relay.stop()
    if (isOver) return [`the relay ended by itself, with ${status}: ${stderr.slice(-2_000)}`]
    return status === 0 ? [] : [`SIGTERM: the relay ended with ${status}: ${stderr.slice(-2_000)}`]
  }
}
