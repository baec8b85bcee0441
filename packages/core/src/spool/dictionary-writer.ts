import type { Batch, Origin } from '../model/batch.js'
import type { MetricMetadata } from '../model/metadata.js'
import type { Series } from '../model/series.js'
import type { SeriesList } from '../model/series-list.js'
import type { RecordWriter } from './record-writer.js'
import { type RecordType, recordType } from './segment-format.js'

/**
 * What columns refer to, written once per segment. Version 1 of the payloads; `text` and `labels` are varint length and bytes:
 *
 *   origins := (varint id | u8 kind | u8 present: 1 url, 2 tenant, 4 target labels | text id | [text url] | [text tenant] | [labels])*
 *   series  := (u8 1 | varint metadata id | u8 type | text name | text help | text unit                     metadata
 *             | u8 2 | varint series id | varint metadata id | labels)*                                     series
 *   lists   := (varint id | u8 automatic | varint length | signed varint (series id - the one before)*)*
 *
 * kind: index in originKinds; type: index in metricTypes. Ids are given out in order and never twice in a segment. An entry may come
 * again, unchanged: then it costs only the columns between if the first one is damaged.
 */
export const originKinds = ['target', 'client', 'registry', 'topic'] as const
export const metricTypes = ['unknown', 'counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset'] as const
export const seriesEntry = { metadata: 1, series: 2 } as const
export const originField = { url: 1, tenant: 2, targetLabels: 4 } as const

/** An entry comes again when the columns that refer to it have taken this many times its bytes: repetition costs a sixteenth at most. */
const repeatAfter = 16

/** An origin, or a list with all its series and their metadata. */
interface Entry {
  readonly id: number
  bytes: number
  /** Bytes of the columns that referred to it since it was written last. */
  columnBytes: number
}

/** Whether an entry is to come again. By their ids some wait up to twice as long, so that those of one scrape do not come all at once. */
function isDue(entry: Entry): boolean {
  return entry.columnBytes >= (repeatAfter + (entry.id % repeatAfter)) * entry.bytes
}

/** A place in the writing to which the dictionary can go back. */
export interface DictionaryMark {
  readonly series: number
  readonly metadata: number
  readonly lists: number
  readonly origins: number
  readonly bytes: number
}

/** What a batch's records have in common. */
export interface BatchHead {
  readonly seq: number
  readonly appendedMs: number
}

/**
 * The dictionary of the segment that is being written. It knows series and lists by identity, and weakly: what is gone from the process
 * cannot come again, and equal content under a new identity costs only its bytes.
 */
export class DictionaryWriter {
  readonly #writer: RecordWriter
  readonly #maxRecordBytes: number
  readonly #onNewList: (list: SeriesList) => void
  readonly #series = new WeakMap<Series, number>()
  readonly #metadata = new WeakMap<MetricMetadata, number>()
  readonly #lists = new WeakMap<SeriesList, Entry>()
  readonly #origins = new Map<string, Entry>()
  /** What is not on the disk yet, to be forgotten if it never gets there. */
  #newSeries: Series[] = []
  #newMetadata: MetricMetadata[] = []
  #newLists: SeriesList[] = []
  #newOrigins: string[] = []
  #nextId = 1
  #bytes = 0
  /** The origin of the batch that is being written. */
  #origin: Entry = { id: 0, bytes: 0, columnBytes: 0 }

  constructor(options: { writer: RecordWriter; maxRecordBytes: number; onNewList: (list: SeriesList) => void }) {
    this.#writer = options.writer
    this.#maxRecordBytes = options.maxRecordBytes
    this.#onNewList = options.onNewList
  }

  /** Bytes of everything written, repetitions not counted. */
  get bytes(): number {
    return this.#bytes
  }

  /** Writes what the segment lacks of a batch's origin and lists, and what is due again. Returns the id of the origin. */
  write(batch: Batch, head: BatchHead): number {
    this.#origin = this.#writeOrigin(batch.origin, head)
    const due = new Set<SeriesList>()
    for (const { series } of batch.columns) {
      const known = this.#lists.get(series)
      if (known === undefined || isDue(known)) due.add(series)
    }
    if (due.size > 0) this.#writeLists(due, head)
    return this.#origin.id
  }

  /** The id of a list that `write` has seen. */
  listId(list: SeriesList): number {
    const entry = this.#lists.get(list)
    if (entry === undefined) throw new Error('a list that was not written')
    return entry.id
  }

  /** Says how many bytes of columns refer to a list, and to the origin of the batch that is being written. */
  addColumnBytes(list: SeriesList, bytes: number): void {
    const entry = this.#lists.get(list)
    if (entry !== undefined) entry.columnBytes += bytes
    this.#origin.columnBytes += bytes
  }

  mark(): DictionaryMark {
    return {
      series: this.#newSeries.length,
      metadata: this.#newMetadata.length,
      lists: this.#newLists.length,
      origins: this.#newOrigins.length,
      bytes: this.#bytes,
    }
  }

  /** Forgets what came since a mark. */
  rewind(mark: DictionaryMark): void {
    for (const series of this.#newSeries.splice(mark.series)) this.#series.delete(series)
    for (const metadata of this.#newMetadata.splice(mark.metadata)) this.#metadata.delete(metadata)
    for (const list of this.#newLists.splice(mark.lists)) this.#lists.delete(list)
    for (const key of this.#newOrigins.splice(mark.origins)) this.#origins.delete(key)
    this.#bytes = mark.bytes
  }

  /** Everything so far is in the file. */
  commit(): void {
    this.#newSeries = []
    this.#newMetadata = []
    this.#newLists = []
    this.#newOrigins = []
  }

  #writeOrigin(origin: Origin, head: BatchHead): Entry {
    const key = originKey(origin)
    const known = this.#origins.get(key)
    if (known !== undefined && !isDue(known)) return known
    const entry = known ?? { id: this.#nextId++, bytes: 0, columnBytes: 0 }
    this.#writer.begin()
    encodeOrigin(this.#writer, entry.id, origin)
    entry.bytes = this.#writer.payloadBytes
    entry.columnBytes = 0
    if (known === undefined) {
      this.#origins.set(key, entry)
      this.#newOrigins.push(key)
      this.#bytes += entry.bytes
    }
    this.#writer.end({ ...head, type: recordType.origins })
    return entry
  }

  #writeLists(due: Set<SeriesList>, head: BatchHead): void {
    const entries: { list: SeriesList; entry: Entry; seriesIds: readonly number[] }[] = []
    this.#writer.begin()
    for (const list of due) {
      const known = this.#lists.get(list)
      const before = this.#writer.bytes
      const seriesIds = this.#writeSeries(list, { again: known !== undefined, head })
      const entry = known ?? { id: this.#nextId++, bytes: 0, columnBytes: 0 }
      entry.bytes = this.#writer.bytes - before
      entry.columnBytes = 0
      entries.push({ list, entry, seriesIds })
    }
    this.#endRecord(head, recordType.series)
    this.#writer.begin()
    for (const { list, entry, seriesIds } of entries) {
      const before = this.#writer.bytes
      encodeList(this.#writer, list, { id: entry.id, seriesIds })
      entry.bytes += this.#writer.bytes - before
      if (!this.#lists.has(list)) this.#addList(list, entry)
      this.#cutRecord(head, recordType.lists)
    }
    this.#endRecord(head, recordType.lists)
  }

  #addList(list: SeriesList, entry: Entry): void {
    this.#lists.set(list, entry)
    this.#newLists.push(list)
    this.#bytes += entry.bytes
    this.#onNewList(list)
  }

  /** Writes the series of a list that the segment lacks; all of them where the list comes again. Returns their ids. */
  #writeSeries(list: SeriesList, options: { again: boolean; head: BatchHead }): number[] {
    const ids: number[] = []
    let metadata: MetricMetadata | undefined
    for (let i = 0; i < list.length; i++) {
      const series = list.at(i)
      const known = this.#series.get(series)
      const id = known ?? this.#nextId++
      ids.push(id)
      if (known !== undefined && !options.again) continue
      // Series of a family stand together, so that its metadata comes again once a family, near enough.
      const repeat = options.again && series.metadata !== metadata
      metadata = series.metadata
      const metadataId = this.#writeMetadata(metadata, repeat)
      encodeSeries(this.#writer, series, { id, metadataId })
      if (known === undefined) {
        this.#series.set(series, id)
        this.#newSeries.push(series)
      }
      this.#cutRecord(options.head, recordType.series)
    }
    return ids
  }

  #writeMetadata(metadata: MetricMetadata, repeat: boolean): number {
    const known = this.#metadata.get(metadata)
    const id = known ?? this.#nextId++
    if (known === undefined || repeat) encodeMetadata(this.#writer, id, metadata)
    if (known === undefined) {
      this.#metadata.set(metadata, id)
      this.#newMetadata.push(metadata)
    }
    return id
  }

  #cutRecord(head: BatchHead, type: RecordType): void {
    if (this.#writer.payloadBytes < this.#maxRecordBytes) return
    this.#writer.end({ ...head, type })
    this.#writer.begin()
  }

  #endRecord(head: BatchHead, type: RecordType): void {
    if (this.#writer.payloadBytes === 0) this.#writer.rewind(this.#writer.mark())
    else this.#writer.end({ ...head, type })
  }
}

function encodeOrigin(writer: RecordWriter, id: number, origin: Origin): void {
  writer.varint(id)
  writer.uint8(originKinds.indexOf(origin.kind))
  writer.uint8(
    (origin.url === undefined ? 0 : originField.url) |
      (origin.tenant === undefined ? 0 : originField.tenant) |
      (origin.targetLabels === undefined ? 0 : originField.targetLabels),
  )
  writer.text(origin.id)
  if (origin.url !== undefined) writer.text(origin.url)
  if (origin.tenant !== undefined) writer.text(origin.tenant)
  if (origin.targetLabels !== undefined) writer.sized(origin.targetLabels.bytes)
}

function encodeMetadata(writer: RecordWriter, id: number, metadata: MetricMetadata): void {
  writer.uint8(seriesEntry.metadata)
  writer.varint(id)
  writer.uint8(metricTypes.indexOf(metadata.type))
  writer.text(metadata.name)
  writer.text(metadata.help)
  writer.text(metadata.unit)
}

function encodeSeries(writer: RecordWriter, series: Series, ids: { id: number; metadataId: number }): void {
  writer.uint8(seriesEntry.series)
  writer.varint(ids.id)
  writer.varint(ids.metadataId)
  writer.sized(series.labels.bytes)
}

function encodeList(writer: RecordWriter, list: SeriesList, entry: { id: number; seriesIds: readonly number[] }): void {
  writer.varint(entry.id)
  writer.uint8(list.automatic === true ? 1 : 0)
  writer.varint(entry.seriesIds.length)
  let previous = 0
  for (const id of entry.seriesIds) {
    writer.signedVarint(id - previous)
    previous = id
  }
}

function originKey(origin: Origin): string {
  const labels = origin.targetLabels === undefined ? '' : Buffer.from(origin.targetLabels.bytes).toString('latin1')
  return JSON.stringify([origin.kind, origin.id, origin.url, origin.tenant, labels])
}
