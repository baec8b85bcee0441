import type { TortureOptions } from './options.js'
import { TorturedRelay } from './tortured-relay.js'

const progressMs = 10_000

/** What came of a torture. */
export interface TortureReport {
  readonly options: TortureOptions
  readonly kills: number
  readonly seconds: number
  /** Samples that clients had acknowledged, as often as there are targets: what must have arrived. */
  readonly acknowledged: number
  readonly missing: number
  readonly duplicates: number
  /** Of the duplicates so many are explained by what was in flight when a relay was killed. */
  readonly inFlightAtKills: number
  /** Samples that clients sent again for want of an answer, as often as there are targets: a relay may have had them. */
  readonly inDoubt: number
  readonly requestsFailed: number
  readonly targetRequests: { readonly taken: number; readonly notTaken: number }
  /** Milliseconds, sorted. */
  readonly startMs: readonly number[]
  readonly termMs: readonly number[]
  readonly violations: readonly string[]
  /** Folders of relays at which something was violated. */
  readonly kept: readonly string[]
}

/** Tortures relays beside each other until all kills are made. `print` is told how it goes. */
export async function runTorture(options: TortureOptions, print: (line: string) => void): Promise<TortureReport> {
  const began = performance.now()
  const relays = Array.from({ length: options.relays }, (_, index) => {
    const kills = Math.floor(options.kills / options.relays) + (index < options.kills % options.relays ? 1 : 0)
    return new TorturedRelay({ ...options, index, kills, seed: options.seed + index })
  })
  const progress = setInterval(() => print(progressLine(options, relays, performance.now() - began)), progressMs)
  try {
    await Promise.all(relays.map((relay) => torture(relay, print)))
  } finally {
    clearInterval(progress)
  }
  return report(options, relays, (performance.now() - began) / 1_000)
}

/** Says at once what was violated: the whole may go on for an hour, and be ended before. */
async function torture(relay: TorturedRelay, print: (line: string) => void): Promise<void> {
  await relay.run()
  for (const violation of relay.allViolations) print(`VIOLATION: ${violation}`)
}

function progressLine({ kills, fsync }: TortureOptions, relays: readonly TorturedRelay[], elapsedMs: number): string {
  const done = sumOf(relays, (relay) => relay.kills)
  const acknowledged = sumOf(relays, acknowledgedBy)
  const violations = sumOf(relays, (relay) => relay.allViolations.length)
  const rate = ((done / elapsedMs) * 1_000).toFixed(1)
  return `${fsync}: ${done} of ${kills} kills, ${rate} a second, ${acknowledged} samples acknowledged, ${violations} violations`
}

function report(options: TortureOptions, relays: readonly TorturedRelay[], seconds: number): TortureReport {
  const targets = relays.flatMap((relay) => relay.targets)
  return {
    options,
    kills: sumOf(relays, (relay) => relay.kills),
    seconds,
    acknowledged: sumOf(relays, (relay) => acknowledgedBy(relay) * relay.targets.length),
    missing: sumOf(targets, ({ ledger }) => ledger.missing),
    duplicates: sumOf(targets, ({ ledger }) => ledger.duplicates),
    inFlightAtKills: sumOf(targets, ({ ledger }) => ledger.inFlightAtKills),
    inDoubt: sumOf(relays, (relay) => sumOf(relay.writers, (writer) => writer.samplesInVain) * relay.targets.length),
    requestsFailed: sumOf(relays, (relay) => sumOf(relay.writers, ({ failures }) => failures)),
    targetRequests: { taken: sumOf(targets, ({ taken }) => taken), notTaken: sumOf(targets, ({ notTaken }) => notTaken) },
    startMs: relays.flatMap(({ startMs }) => startMs).sort((a, b) => a - b),
    termMs: relays.flatMap(({ termMs }) => termMs).sort((a, b) => a - b),
    violations: relays.flatMap((relay) => relay.allViolations),
    kept: relays.filter((relay) => relay.allViolations.length > 0).map(({ dir }) => dir),
  }
}

function acknowledgedBy({ writers }: TorturedRelay): number {
  return sumOf(writers, ({ acknowledged, seriesCount }) => acknowledged * seriesCount)
}

function sumOf<T>(all: readonly T[], amount: (one: T) => number): number {
  return all.reduce((sum, one) => sum + amount(one), 0)
}
