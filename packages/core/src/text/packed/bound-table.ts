import { decodeUtf8, encodeUtf8, equalBytes, standsAt } from '../../model/bytes.js'
import { formatOpenMetricsFloat, parseGoFloat } from '../../model/go-float.js'
import { type ByteWriter, written } from './byte-writer.js'

/** Far more different bounds than targets have. Who invents more does not fill memory: all are forgotten then. */
const maxBounds = 1000

interface Bound {
  readonly raw: Uint8Array
  readonly normal: ByteWriter | undefined
}

/** The normal forms of `le` and `quantile`, remembered: the same few bounds come again in thousands of lines. */
export class BoundTable {
  /** By hash. Of two with the same hash the last one stays. */
  readonly #bounds = new Map<number, Bound>()

  /** The text in `bytes` from `start` to `end` as Prometheus' scraper writes it; undefined where it is written so already. */
  normalize(bytes: Uint8Array, start: number, end: number): ByteWriter | undefined {
    let hash = 0
    for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0
    // A small integer, which is a key without an object.
    hash &= 0x3fffffff
    const known = this.#bounds.get(hash)
    if (known !== undefined && end - start === known.raw.length && standsAt(known.raw, bytes, start)) return known.normal
    const raw = bytes.slice(start, end)
    const normal = normalOf(raw)
    if (this.#bounds.size === maxBounds) this.#bounds.clear()
    this.#bounds.set(hash, { raw, normal })
    return normal
  }
}

/** As the plain parser: what is no number stays as it is. */
function normalOf(raw: Uint8Array): ByteWriter | undefined {
  const bound = parseGoFloat(decodeUtf8(raw))
  const normal = bound === undefined ? raw : encodeUtf8(formatOpenMetricsFloat(bound))
  return equalBytes(raw, normal) ? undefined : written(normal)
}
