import { afterVarint, encodeUtf8, hashBytes, standsAt, varintAt } from './bytes.js'
import type { Labels } from './labels.js'
import type { MetricMetadata } from './metadata.js'

/** What a set of labels identifies. Interned per table: equal labels and metadata are the same object. */
export interface Series {
  readonly labels: Labels
  readonly metadata: MetricMetadata
}

/** A series with the two hashes that tables and list boundaries need; made by SeriesTable. */
export class InternedSeries implements Series {
  readonly labels: Labels
  readonly metadata: MetricMetadata
  /** Hash of the labels. */
  readonly hash: number
  /** Hash of the family's name and the labels without `__name__`, `le` and `quantile`: one for all series of a histogram. */
  readonly groupHash: number
  /** When the table saw it last, for its sweep: milliseconds of the table's clock. */
  seenMs = 0

  constructor(labels: Labels, metadata: MetricMetadata, hash: number) {
    this.labels = labels
    this.metadata = metadata
    this.hash = hash
    this.groupHash = computeGroupHash(labels, metadata.name)
  }
}

export function seriesHash(series: Series): number {
  return series instanceof InternedSeries ? series.hash : hashBytes(series.labels.bytes)
}

export function groupHash(series: Series): number {
  return series instanceof InternedSeries ? series.groupHash : computeGroupHash(series.labels, series.metadata.name)
}

/** Names of the labels that a group of series does not have in common. */
const metricName = encodeUtf8('__name__')
const bucketBound = encodeUtf8('le')
const quantileName = encodeUtf8('quantile')

function computeGroupHash(labels: Labels, family: string): number {
  return groupHashOf({ bytes: labels.bytes, start: 0, end: labels.bytes.length }, family)
}

/**
 * `groupHash` of labels that stand somewhere in `bytes`, as in `Labels.bytes`. A sum, so that what some of the labels add to it can be taken
 * off: see `labelsShare`.
 */
export function groupHashOf(labels: { readonly bytes: Uint8Array; readonly start: number; readonly end: number }, family: string): number {
  const { bytes, end } = labels
  let hash = familyHash(family)
  for (let at = labels.start; at < end; ) {
    const nameStart = afterVarint(bytes, at)
    const nameEnd = nameStart + varintAt(bytes, at)
    const valueEnd = afterVarint(bytes, nameEnd) + varintAt(bytes, nameEnd)
    at = valueEnd
    if (isGroupless(bytes, nameStart, nameEnd)) continue
    let label = 0x811c9dc5
    // The bytes between name and value are the length of the value.
    for (let i = nameStart; i < valueEnd; i++) label = Math.imul(label ^ bytes[i]!, 0x01000193)
    hash = (hash + label) | 0
  }
  return hash >>> 0
}

/** What labels that a series has add to the hash of its group. */
export function labelsShare({ bytes }: Labels): number {
  return groupHashOf({ bytes, start: 0, end: bytes.length }, '') - familyHash('')
}

/** Whether a name is one of the three: each is told by its length and first letter. */
function isGroupless(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (length !== 2 && length !== 8) return false
  const name = length === 2 ? bucketBound : bytes[start] === quantileName[0] ? quantileName : metricName
  return standsAt(name, bytes, start)
}

/** Series of a family stand together. */
let lastFamily = ''
let lastFamilyHash = hashBytes(encodeUtf8(lastFamily))

function familyHash(family: string): number {
  if (family !== lastFamily) {
    lastFamilyHash = hashBytes(encodeUtf8(family))
    lastFamily = family
  }
  return lastFamilyHash
}
