import { metricNameLabel } from '../../model/labels.js'
import type { PackedSeriesList } from '../../model/packed-series-list.js'
import { namelessMeasurement } from '../telegraf-role.js'
import { type ByteRange, equalRanges, rangeOf } from '../../model/byte-range.js'
import { ByteTags } from './byte-tags.js'
import type { RowParts } from './frame-writer.js'
import { LabelCursor } from './label-cursor.js'
import type { SeriesReader } from './series-reader.js'

const metricName = rangeOf(metricNameLabel)
const nameless = rangeOf(namelessMeasurement)

/** Points, as `pointsOf` makes them. */
export class PointReader implements SeriesReader {
  readonly isSingle = true
  readonly isShared = false
  readonly field: ByteRange = rangeOf('value')
  readonly #list: PackedSeriesList
  readonly #labels: LabelCursor
  readonly #name: ByteRange
  readonly #tags = new ByteTags()

  constructor(list: PackedSeriesList) {
    this.#list = list
    this.#labels = new LabelCursor(list.bytes)
    this.#name = { ...this.#labels.value }
  }

  aloneUntil(): number {
    return this.#list.length
  }

  turnTo(i: number): void {
    this.#labels.turnTo(this.#list.startOf(i), this.#list.ends[i]!)
  }

  parts(): RowParts {
    const labels = this.#labels
    const tags = this.#tags
    let measurement = nameless
    tags.clear()
    while (labels.next()) {
      if (!equalRanges(labels.name, metricName)) {
        tags.push(labels)
        continue
      }
      measurement = this.#name
      measurement.start = labels.value.start
      measurement.end = labels.value.end
    }
    return { measurement, tags }
  }

  writeGroup(): void {}

  writeKey(): void {}
}
