import { decodeUtf8 } from '../../model/bytes.js'
import { formatGoFloat, parseGoFloat } from '../../model/go-float.js'
import type { MetricMetadata } from '../../model/metadata.js'
import { type ByteRange, rangeOf } from './byte-range.js'

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

/** Bounds as Go writes the numbers. What was asked for is remembered: the same ones come in every histogram. */
export class BoundTexts {
  readonly #texts = new Map<string, ByteRange | undefined>()

  /** @param value of the label. Undefined where it is no number. */
  find({ bytes, start, end }: ByteRange): ByteRange | undefined {
    const text = decodeUtf8(bytes, start, end)
    const known = this.#texts.get(text)
    if (known !== undefined || this.#texts.has(text)) return known
    const bound = parseGoFloat(text)
    const formatted = bound === undefined ? undefined : rangeOf(formatGoFloat(bound))
    if (this.#texts.size >= maxTexts) this.#texts.clear()
    this.#texts.set(text, formatted)
    return formatted
  }
}
