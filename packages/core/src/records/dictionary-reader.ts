import type { Origin } from '../model/batch.js'
import { PromlineError } from '../model/errors.js'
import { labelsFromBytes } from '../model/labels.js'
import type { MetricMetadata } from '../model/metadata.js'
import type { SeriesList } from '../model/series-list.js'
import { metricTypes, originField, originKinds, seriesEntry } from './dictionary-encode.js'
import type { ListInterner } from './list-interner.js'
import { RecordReader } from './record-reader.js'
import { recordType } from './record-format.js'
import { SeriesStore } from './series-store.js'

interface UnresolvedList {
  readonly automatic: boolean
  readonly seriesIds: readonly number[]
}

/** The dictionary of a segment as far as it was read; mirrors dictionary-encode.ts. What is damaged is missing until it comes again. */
export class DictionaryReader {
  readonly #interner: ListInterner
  readonly #originsOnly: boolean
  readonly #origins = new Map<number, Origin>()
  readonly #metadata = new Map<number, MetricMetadata>()
  readonly #series = new SeriesStore()
  readonly #unresolved = new Map<number, UnresolvedList>()
  readonly #lists = new Map<number, SeriesList>()

  constructor(interner: ListInterner, options: { originsOnly: boolean }) {
    this.#interner = interner
    this.#originsOnly = options.originsOnly
  }

  /** Whether the payload of such a record is wanted at all. */
  wants(type: number): boolean {
    return type === recordType.origins || (!this.#originsOnly && (type === recordType.series || type === recordType.lists))
  }

  /** Takes in the payload of a record that is intact. Throws a PromlineError (`decode`) where it is not what it says. */
  load(type: number, payload: Buffer): void {
    if (!this.wants(type)) return
    if (type === recordType.origins) this.#loadOrigins(new RecordReader(payload))
    else if (type === recordType.series) this.#loadSeries(payload)
    else this.#loadLists(new RecordReader(payload))
  }

  /** Undefined where the entry was damaged. */
  origin(id: number): Origin | undefined {
    return this.#origins.get(id)
  }

  /** Throws a PromlineError (`decode`) where an entry that the list needs was damaged. */
  list(id: number): SeriesList {
    const known = this.#lists.get(id)
    if (known !== undefined) return known
    const unresolved = this.#unresolved.get(id)
    if (unresolved === undefined) throw new PromlineError('decode', `list ${id} is not in the dictionary`)
    const list = this.#interner.intern(this.#series.listOf(id, unresolved.seriesIds, unresolved.automatic))
    this.#lists.set(id, list)
    this.#unresolved.delete(id)
    return list
  }

  #loadOrigins(reader: RecordReader): void {
    while (!reader.done) {
      const id = reader.varint()
      const kind = originKinds[reader.uint8()]
      const fields = reader.uint8()
      if (kind === undefined) throw new PromlineError('decode', `origin ${id} of an unknown kind`)
      const name = reader.text()
      const url = (fields & originField.url) === 0 ? undefined : reader.text()
      const tenant = (fields & originField.tenant) === 0 ? undefined : reader.text()
      const labels = (fields & originField.targetLabels) === 0 ? undefined : labelsFromBytes(Uint8Array.from(reader.sized()))
      if (this.#origins.has(id)) continue
      this.#origins.set(id, {
        kind,
        id: name,
        ...(url !== undefined && { url }),
        ...(tenant !== undefined && { tenant }),
        ...(labels !== undefined && { targetLabels: labels }),
      })
    }
  }

  #loadSeries(payload: Buffer): void {
    const reader = new RecordReader(payload)
    // One copy of the record serves all that is new in it.
    let isKept = false
    while (!reader.done) {
      const kind = reader.uint8()
      const id = reader.varint()
      if (kind === seriesEntry.metadata) this.#loadMetadata(reader, id)
      else if (kind === seriesEntry.series) {
        const metadata = this.#metadata.get(reader.varint())
        const length = reader.varint()
        const start = reader.at
        reader.skip(length)
        if (metadata === undefined || this.#series.has(id)) continue
        if (!isKept) this.#series.addRecord(Uint8Array.from(payload))
        isKept = true
        this.#series.add(id, metadata, { start, end: start + length })
      } else throw new PromlineError('decode', `dictionary entry of unknown kind ${kind}`)
    }
  }

  #loadMetadata(reader: RecordReader, id: number): void {
    const type = metricTypes[reader.uint8()]
    if (type === undefined) throw new PromlineError('decode', `metadata ${id} of an unknown type`)
    if (this.#metadata.has(id)) for (let i = 0; i < 3; i++) reader.skip(reader.varint())
    else this.#metadata.set(id, this.#interner.metadata({ type, name: reader.text(), help: reader.text(), unit: reader.text() }))
  }

  #loadLists(reader: RecordReader): void {
    while (!reader.done) {
      const id = reader.varint()
      const automatic = reader.uint8() === 1
      const seriesIds: number[] = []
      let previous = 0
      for (let left = reader.varint(); left > 0; left--) {
        previous += reader.signedVarint()
        seriesIds.push(previous)
      }
      if (!this.#lists.has(id)) this.#unresolved.set(id, { automatic, seriesIds })
    }
  }
}
