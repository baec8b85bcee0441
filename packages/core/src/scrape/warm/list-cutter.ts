import type { MetricMetadata } from '../../model/metadata.js'
import { groupHashAt, type PackedSeriesList, PackedSeriesListBuilder } from '../../model/packed-series-list.js'
import { groupHashOf } from '../../model/series.js'
import type { LabelRange } from './known-segment.js'
import { ListEnd } from './list-end.js'

/** Cuts a sequence of series into lists, as every sequence is cut. Lists that come as a whole stay the same objects. */
export class ListCutter {
  readonly #lists: PackedSeriesList[] = []
  readonly #end = new ListEnd()
  readonly #rows = new PackedSeriesListBuilder()
  /** A list that may come as a whole. */
  #list: PackedSeriesList | undefined

  /** Rows `from` to `to`, exclusive, of a list follow. */
  addRows(list: PackedSeriesList, from: number, to: number): void {
    if (from === to) return
    const group = groupHashAt(list, from)
    const metadata = list.metadataAt(from)
    if (this.#end.isWithin(to - from, group, metadata)) {
      for (let row = from; row < to; row++) this.addRows(list, row, row + 1)
      return
    }
    this.#goOn(group, metadata)
    if (from === 0 && to === list.length && this.#rows.length === 0 && this.#list === undefined) this.#list = list
    else {
      this.#gather()
      this.#rows.addRows(list, from, to)
    }
    this.#end.goOn(to - from, groupHashAt(list, to - 1), list.metadataAt(to - 1))
  }

  /** A series by itself follows. */
  add(metadata: MetricMetadata, labels: Pick<LabelRange, 'bytes' | 'start' | 'end'>): void {
    const group = groupHashOf(labels, metadata.name)
    this.#goOn(group, metadata)
    this.#gather()
    this.#rows.add(metadata, labels)
    this.#end.goOn(1, group, metadata)
  }

  /** The lists, once the sequence has ended. */
  finish(): readonly PackedSeriesList[] {
    this.#close()
    return this.#lists
  }

  #goOn(group: number, metadata: MetricMetadata): void {
    if (!this.#end.isBefore(group, metadata)) return
    this.#close()
    this.#end.restart()
  }

  #gather(): void {
    if (this.#list === undefined) return
    this.#rows.addRows(this.#list, 0, this.#list.length)
    this.#list = undefined
  }

  #close(): void {
    if (this.#list !== undefined) this.#lists.push(this.#list)
    else if (this.#rows.length > 0) this.#lists.push(this.#rows.build())
    this.#list = undefined
  }
}
