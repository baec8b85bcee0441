import type { ReceivedSample, Writer } from './writer.js'

/** Acknowledgements are written to the disk soon after the answer, not at once. */
export const defaultSettledAfterMs = 2_000
/** More of the same says nothing new. */
const maxViolations = 20

/** Of a request that was answered, what it held of one series. */
interface Answered {
  /** In the order of the request. */
  readonly numbers: readonly number[]
  readonly atMs: number
}

/** What a target knows of one series. */
interface SeriesLedger {
  readonly writer: Writer
  /** Everything up to this number arrived. */
  top: number
  /** Everything up to this number was answered so long before a kill that it is settled. */
  settled: number
  /** Answered in this life and not settled yet, oldest first. */
  answered: Answered[]
  /** Samples that came in this life and are not settled: so many may come again after a kill. */
  inFlight: number
  /** How often numbers were settled that their client sent again for want of an answer: see `timesSettled`. */
  readonly settledTimes: Map<number, number>
}

/**
 * What a target got, compared with what clients sent: that every number comes after the one before it, that none is altered, and which
 * come again. Takes constant memory for a series, but for what clients sent twice.
 */
export class Ledger {
  /** Samples that arrived, each once. */
  samples = 0
  /** Samples that arrived once more. */
  duplicates = 0
  /** Samples that had come when the relay was killed, and were not settled: so many may come again. */
  inFlightAtKills = 0
  readonly violations: string[] = []
  /** What was answered longer ago is settled: a relay that sends it again after a kill has forgotten what it knew. */
  settledAfterMs: number = defaultSettledAfterMs
  readonly #target: string
  readonly #writers: ReadonlyMap<string, Writer>
  /** By client and number of the series. */
  readonly #series: ReadonlyMap<Writer, readonly SeriesLedger[]>

  constructor(target: string, writers: readonly Writer[]) {
    this.#target = target
    this.#writers = new Map(writers.map((writer) => [writer.name, writer]))
    this.#series = new Map(writers.map((writer) => [writer, Array.from({ length: writer.seriesCount }, () => emptySeries(writer))]))
  }

  /** Takes the samples of a request; returns what to call when it is answered. */
  take(samples: readonly ReceivedSample[]): (atMs: number) => void {
    const held = new Map<SeriesLedger, number[]>()
    for (const sample of samples) {
      const writer = this.#writers.get(sample.labels['client'] ?? '')
      try {
        if (writer === undefined) throw new Error(`of nobody: ${JSON.stringify(sample.labels)}`)
        const place = writer.placeOf(sample)
        const known = this.#series.get(writer)![place.series]!
        this.#count(known, place)
        known.inFlight++
        const numbers = held.get(known)
        if (numbers === undefined) held.set(known, [place.number])
        else numbers.push(place.number)
      } catch (error) {
        this.violate(String(error))
      }
    }
    return (atMs) => {
      for (const [known, numbers] of held) {
        known.answered.push({ numbers, atMs })
        settle(known, atMs - this.settledAfterMs)
      }
    }
  }

  /** The relay was killed. */
  killed(atMs: number): void {
    for (const known of [...this.#series.values()].flat()) {
      settle(known, atMs - this.settledAfterMs)
      known.answered = []
      this.inFlightAtKills += known.inFlight
      known.inFlight = 0
    }
  }

  /** Whether everything that was acknowledged is here. */
  get isComplete(): boolean {
    return this.missing === 0
  }

  /** Samples that were acknowledged and are not here. */
  get missing(): number {
    let missing = 0
    for (const [{ acknowledged }, all] of this.#series) {
      for (const { top } of all) missing += Math.max(0, acknowledged - top)
    }
    return missing
  }

  /** Notes what did not come, after all had its time to come. */
  noteMissing(): void {
    for (const [{ name, acknowledged }, all] of this.#series) {
      for (const [series, { top }] of all.entries()) {
        if (top < acknowledged) this.violate(`lost: ${name}/${series}, numbers ${top + 1} to ${acknowledged}`)
      }
    }
  }

  #count(known: SeriesLedger, { series, number }: { readonly series: number; readonly number: number }): void {
    const { writer } = known
    if (number > known.top) {
      if (number > known.top + 1) this.violate(`lost, or out of order: ${writer.name}/${series}, number ${number} after ${known.top}`)
      this.samples++
      known.top = number
      return
    }
    this.duplicates++
    // What was sent again the relay may have as often as it was sent.
    if (timesSettled(known, number) <= writer.timesInVain(number)) return
    this.violate(`sent again although settled: ${writer.name}/${series}, number ${number} of ${known.settled} settled`)
  }

  /** Notes what must not be. */
  violate(text: string): void {
    if (this.violations.length < maxViolations) this.violations.push(`${this.#target}: ${text}`)
  }
}

function emptySeries(writer: Writer): SeriesLedger {
  return { writer, top: 0, settled: 0, answered: [], inFlight: 0, settledTimes: new Map() }
}

/** How often a number was settled. Before its client sent it again that was once at most, and needs no map. */
function timesSettled({ settled, settledTimes }: SeriesLedger, number: number): number {
  return settledTimes.get(number) ?? (number <= settled ? 1 : 0)
}

/** What was answered at a time or before is settled. */
function settle(known: SeriesLedger, untilMs: number): void {
  for (let first = known.answered[0]; first !== undefined && first.atMs <= untilMs; first = known.answered[0]) {
    for (const number of first.numbers) {
      if (known.writer.timesInVain(number) > 0) known.settledTimes.set(number, timesSettled(known, number) + 1)
      known.settled = Math.max(known.settled, number)
    }
    known.inFlight -= first.numbers.length
    known.answered.shift()
  }
}
