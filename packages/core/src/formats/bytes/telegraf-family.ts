import { decodeUtf8, hashBytes } from '../../model/bytes.js'
import { formatGoFloat, parseGoFloat } from '../../model/go-float.js'
import type { MetricMetadata } from '../../model/metadata.js'
import { type ByteRange, equalRanges, rangeOf } from '../../model/byte-range.js'

/** What `telegrafRole` knows of a histogram or summary before it sees a series. */
export interface TelegrafFamily {
  readonly name: ByteRange
  readonly count: ByteRange
  readonly sum: ByteRange
  /** The name of a bucket or quantile. */
  readonly bound: ByteRange
  /** The label that tells them apart. */
  readonly label: ByteRange
}

export const bucketLabel: ByteRange = rangeOf('le')
export const quantileLabel: ByteRange = rangeOf('quantile')

/** Undefined for types whose series stand for themselves. */
export function telegrafFamily({ name, type }: MetricMetadata): TelegrafFamily | undefined {
  if (type !== 'histogram' && type !== 'summary') return undefined
  return {
    name: rangeOf(name),
    count: rangeOf(`${name}_count`),
    sum: rangeOf(`${name}_sum`),
    bound: rangeOf(type === 'histogram' ? `${name}_bucket` : name),
    label: type === 'histogram' ? bucketLabel : quantileLabel,
  }
}

/** A service has a few dozen bounds; this is for what exposes any number of them. */
const maxTexts = 1000

interface KnownBound {
  readonly text: ByteRange
  readonly formatted: ByteRange | undefined
}

/** Bounds as Go writes the numbers. What was asked for is remembered: the same ones come in every histogram. */
export class BoundTexts {
  /** By the hash of the text. */
  readonly #known = new Map<number, KnownBound>()

  /** @param value of the label. Undefined where it is no number. */
  find(value: ByteRange): ByteRange | undefined {
    const hash = hashBytes(value.bytes, value)
    const known = this.#known.get(hash)
    if (known !== undefined && equalRanges(known.text, value)) return known.formatted
    const text = decodeUtf8(value.bytes, value.start, value.end)
    const bound = parseGoFloat(text)
    const formatted = bound === undefined ? undefined : rangeOf(formatGoFloat(bound))
    if (this.#known.size >= maxTexts) this.#known.clear()
    this.#known.set(hash, { text: rangeOf(text), formatted })
    return formatted
  }
}
