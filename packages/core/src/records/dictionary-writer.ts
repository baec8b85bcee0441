import type { Batch, Origin } from '../model/batch.js'
import type { MetricMetadata } from '../model/metadata.js'
import { type PackedSeriesList, packedOf } from '../model/packed-series-list.js'
import type { SeriesList } from '../model/series-list.js'
import { type Entry, isDue } from './dictionary-entry.js'
import { encodeList, encodeMetadata, encodeOrigin, encodeSeries } from './dictionary-encode.js'
import { MetadataIds } from './metadata-ids.js'
import { OriginEntries } from './origin-entries.js'
import type { RecordWriter } from './record-writer.js'
import { type RecordType, recordType } from './record-format.js'
import { type ListPlace, SeriesIndex, seriesIdAt } from './series-index.js'

/** What a series takes beside its labels, about: a kind, two ids, a length, and its place in the list. */
const seriesBytes = 10
/** What metadata takes beside its texts. */
const metadataBytes = 8
/** Records of the dictionary are no longer than this: some 5,000 series, which take a few milliseconds. */
const maxEntriesBytes = 512 * 1024

/** Ids and numbers of series are kept in 32 bits with a sign. What is taken back uses them up as well, on a full disk for hours. */
const maxId = 2 ** 30

/** A list in a segment's dictionary. */
interface ListEntry extends Entry {
  readonly place: ListPlace
}

/** A list that is being written. */
interface SeriesToWrite {
  readonly packed: PackedSeriesList
  /** Of each of its families. */
  readonly metadataIds: readonly number[]
  /** Where it comes again: the ids of its series. */
  readonly place: ListPlace | undefined
  /** The series that comes next, and the family of the one before. */
  row: number
  family: number
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
 * The dictionary of the segment that is being written. It knows lists by identity and series by content, and both weakly: what is gone
 * from the process comes again as new, which costs only its bytes.
 */
export class DictionaryWriter {
  readonly #writer: RecordWriter
  readonly #maxRecordBytes: number
  readonly #onNewList: (list: SeriesList, packed: PackedSeriesList) => void
  readonly #series = new SeriesIndex()
  readonly #metadata = new MetadataIds()
  readonly #lists = new WeakMap<SeriesList, ListEntry>()
  readonly #origins = new OriginEntries()
  /** What is not on the disk yet, to be forgotten if it never gets there. */
  #newMetadata: MetricMetadata[] = []
  #newLists: SeriesList[] = []
  #nextId = 1
  #bytes = 0
  /** The origin of the batch that is being written. */
  #origin: Entry = { id: 0, bytes: 0, columnBytes: 0 }

  constructor(options: {
    writer: RecordWriter
    maxRecordBytes: number
    /** A list is written for the first time, whose packed form this is. */
    onNewList: (list: SeriesList, packed: PackedSeriesList) => void
  }) {
    this.#writer = options.writer
    this.#maxRecordBytes = Math.min(options.maxRecordBytes, maxEntriesBytes)
    this.#onNewList = options.onNewList
  }

  /** Bytes of everything written, repetitions not counted. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether another segment must begin before anything more is written: one batch is far from what is left. */
  get isExhausted(): boolean {
    return this.#nextId >= maxId || this.#series.end >= maxId
  }

  /** Whether a list was written. */
  has(list: SeriesList): boolean {
    return this.#lists.has(list)
  }

  /** Writes what the segment lacks of a batch's origin and lists, and what is due again. Yields after each record. */
  *write(batch: Batch, head: BatchHead): Generator<undefined, void> {
    this.#writeOrigin(batch.origin, head)
    let due: Set<SeriesList> | undefined
    for (const { series } of batch.columns) {
      const known = this.#lists.get(series)
      if (known !== undefined && !isDue(known)) continue
      due ??= new Set()
      due.add(series)
    }
    if (due !== undefined) yield* this.#writeLists(due, head)
  }

  /** The id of the origin of the batch that `write` was given last. */
  get originId(): number {
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
      series: this.#series.end,
      metadata: this.#newMetadata.length,
      lists: this.#newLists.length,
      origins: this.#origins.added,
      bytes: this.#bytes,
    }
  }

  /** Forgets what came since a mark. */
  rewind(mark: DictionaryMark): void {
    this.#series.truncate(mark.series)
    for (const metadata of this.#newMetadata.splice(mark.metadata)) this.#metadata.delete(metadata)
    for (const list of this.#newLists.splice(mark.lists)) this.#lists.delete(list)
    this.#origins.truncate(mark.origins)
    this.#bytes = mark.bytes
  }

  /** Everything so far is in the file. */
  commit(): void {
    this.#newMetadata = []
    this.#newLists = []
    this.#origins.commit()
  }

  #writeOrigin(origin: Origin, head: BatchHead): void {
    const entry = this.#origins.find(origin, this.#nextId)
    if (entry.id === this.#nextId) this.#nextId++
    this.#origin = entry
    const isNew = entry.bytes === 0
    if (!isNew && !isDue(entry)) return
    this.#writer.begin()
    if (isNew) encodeOrigin(this.#writer, entry.id, origin)
    else this.#writer.bytesOf(entry.payload)
    if (isNew) {
      entry.payload = this.#writer.payload()
      entry.bytes = entry.payload.length
      this.#bytes += entry.bytes
    }
    entry.columnBytes = 0
    this.#writer.end(recordType.origins, head)
  }

  *#writeLists(due: Set<SeriesList>, head: BatchHead): Generator<undefined, void> {
    const written = new Map<SeriesList, ListEntry>()
    this.#writer.begin()
    for (const list of due) written.set(list, yield* this.#writeSeries(list, head))
    yield* this.#endRecord(head, recordType.series)
    this.#writer.begin()
    for (const [list, entry] of written) {
      const isNew = !this.#lists.has(list)
      const before = this.#writer.payloadBytes
      encodeList(this.#writer, entry.id, { place: entry.place, automatic: list.automatic === true })
      if (isNew) {
        this.#bytes += this.#writer.payloadBytes - before
        this.#lists.set(list, entry)
        this.#newLists.push(list)
      }
      if (this.#isFull) yield* this.#cutRecord(head, recordType.lists)
    }
    yield* this.#endRecord(head, recordType.lists)
  }

  /** Writes the series of a list that the segment lacks; all of them where the list comes again. */
  *#writeSeries(list: SeriesList, head: BatchHead): Generator<undefined, ListEntry> {
    const packed = packedOf(list)
    const known = this.#lists.get(list)
    const before = this.#writer.payloadBytes
    const metadataIds = packed.families.map(({ metadata }) => this.#writeMetadata(metadata, known !== undefined))
    let bytes = this.#writer.payloadBytes - before
    const entry = known ?? this.#addList(list, packed)
    const writing = { packed, metadataIds, place: known?.place, row: 0, family: 0 }
    while (writing.row < packed.length) {
      bytes += this.#writeRows(writing)
      if (this.#isFull) yield* this.#cutRecord(head, recordType.series)
    }
    entry.columnBytes = 0
    if (known !== undefined) return entry
    this.#series.finish()
    this.#bytes += bytes
    this.#onNewList(list, packed)
    return entry
  }

  #addList(list: SeriesList, packed: PackedSeriesList): ListEntry {
    let bytes = packed.bytes.length + seriesBytes * packed.length
    for (const { metadata } of packed.families) bytes += metadataBytes + metadata.name.length + metadata.help.length + metadata.unit.length
    return { id: this.#nextId++, place: this.#series.begin(list, packed), bytes, columnBytes: 0 }
  }

  /** Writes series until the record is full or the list ends. Returns the bytes that they took. */
  #writeRows(writing: SeriesToWrite): number {
    const { packed, place, metadataIds } = writing
    const before = this.#writer.payloadBytes
    for (; writing.row < packed.length && !this.#isFull; writing.row++) {
      const { row } = writing
      while (row >= packed.families[writing.family]!.end) writing.family++
      const id = place === undefined ? this.#series.take(row, this.#nextId) : seriesIdAt(place, row)
      if (place === undefined && id !== this.#nextId) continue
      if (place === undefined) this.#nextId++
      const metadataId = metadataIds[writing.family]!
      encodeSeries(this.#writer, { id, metadataId, labels: { view: packed.view, start: packed.startOf(row), end: packed.ends[row]! } })
    }
    return this.#writer.payloadBytes - before
  }

  #writeMetadata(metadata: MetricMetadata, again: boolean): number {
    const known = this.#metadata.get(metadata)
    const id = known ?? this.#nextId++
    if (known === undefined || again) encodeMetadata(this.#writer, id, metadata)
    if (known === undefined) {
      this.#metadata.add(metadata, id)
      this.#newMetadata.push(metadata)
    }
    return id
  }

  get #isFull(): boolean {
    return this.#writer.payloadBytes >= this.#maxRecordBytes
  }

  *#cutRecord(head: BatchHead, type: RecordType): Generator<undefined, void> {
    yield* this.#endRecord(head, type)
    this.#writer.begin()
  }

  *#endRecord(head: BatchHead, type: RecordType): Generator<undefined, void> {
    if (this.#writer.payloadBytes === 0) return this.#writer.rewind(this.#writer.mark())
    this.#writer.end(type, head)
    yield
  }
}
