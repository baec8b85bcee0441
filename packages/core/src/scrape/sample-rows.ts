import type { SampleColumns } from '../model/batch.js'
import type { Series } from '../model/series.js'
import type { SeriesRun } from '../model/series-list.js'

/** Samples of different series, in page order. */
export class SampleRows {
  readonly series: Series[] = []
  readonly #values: number[] = []
  /** One a row, from the first explicit timestamp on; undefined while there is none. */
  #timestampsMs: number[] | undefined
  readonly #pageTimestampMs: number

  constructor(pageTimestampMs: number) {
    this.#pageTimestampMs = pageTimestampMs
  }

  /** @param explicitMs undefined: the page's */
  add(series: Series, value: number, explicitMs: number | undefined): void {
    if (explicitMs !== undefined) this.#timestampsMs ??= this.series.map(() => this.#pageTimestampMs)
    this.series.push(series)
    this.#values.push(value)
    this.#timestampsMs?.push(explicitMs ?? this.#pageTimestampMs)
  }

  /** @param runs as a table of lists cut `series` */
  columns(runs: readonly SeriesRun[]): SampleColumns[] {
    const values = new Float64Array(this.#values)
    const timestampsMs = this.#timestampsMs && new Float64Array(this.#timestampsMs)
    return runs.map(({ list, start, end }) => ({
      kind: 'samples',
      series: list,
      values: values.subarray(start, end),
      timestampMs: timestampsMs === undefined ? this.#pageTimestampMs : oneOrAll(timestampsMs.slice(start, end)),
    }))
  }
}

/** The timestamp of all rows, where they have the same. */
export function oneOrAll(timestampsMs: Float64Array): number | Float64Array {
  const first = timestampsMs[0]!
  return timestampsMs.every((timestampMs) => timestampMs === first) ? first : timestampsMs
}
