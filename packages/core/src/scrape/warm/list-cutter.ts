import type { MetricMetadata } from '../../model/metadata.js'
import { groupHashAt, type PackedSeriesList, PackedSeriesListBuilder } from '../../model/packed-series-list.js'
import { groupHashOf } from '../../model/series.js'
import type { LabelRange } from './known-segment.js'
import { ListEnd } from './list-end.js'

/** Cuts a sequence of series into lists, as every sequence is cut. Lists that come as a whole stay the same objects. */
export class ListCutter {
  readonly #lists: PackedSeriesList[] = []
  readonly #end: ListEnd
  readonly #rows = new PackedSeriesListBuilder()
  /** A list that may come as a whole. */
  #list: PackedSeriesList | undefined

  /** @param targetShare see `ListEnd` */
  constructor(targetShare: number) {
    this.#end = new ListEnd(targetShare)
  }

  /** Rows `from` to `to`, exclusive, of a list follow. */
  addRows(list: PackedSeriesList, from: number, to: number): void {
    for (let row = from; row < to; ) row = this.#addSome(list, row, to)
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

  /** Adds rows up to `to`, exclusive, at most, none of which but the first can begin a list. Returns where the rest begins. */
  #addSome(list: PackedSeriesList, from: number, to: number): number {
    const group = groupHashAt(list, from)
    const metadata = list.metadataAt(from)
    const end = Math.min(to, from + this.#end.roomFor(group, metadata))
    this.#goOn(group, metadata)
    if (from === 0 && end === list.length && this.#rows.length === 0 && this.#list === undefined) this.#list = list
    else {
      this.#gather()
      this.#rows.addRows(list, from, end)
    }
    this.#end.goOn(end - from, groupHashAt(list, end - 1), list.metadataAt(end - 1))
    return end
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
