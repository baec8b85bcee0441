import { decodeUtf8, type Labels, labelsFromBytes, varintSize, writeVarint } from '@promline/core'
import type { WireReader } from './wire-reader.js'

/** How large a series' labels may be. */
export interface LabelLimits {
  /** Labels of one series. */
  readonly maxLabels: number
  /** Bytes of the names and values of one series' labels together. */
  readonly maxLabelBytes: number
}

/** Numbers that a label takes in `#places`. */
const placeSize = 4
const metricName = Buffer.from('__name__')

/**
 * Reads labels of a message and packs them, without making strings or an object a label: what is kept of each are four offsets into the
 * message. One reader serves series after series.
 */
export class LabelReader {
  readonly #wire: WireReader
  readonly #limits: LabelLimits
  /** Of each label: where its name begins and ends, where its value does. */
  readonly #places: number[] = []
  #used = 0

  constructor(wire: WireReader, limits: LabelLimits) {
    this.#wire = wire
    this.#limits = limits
  }

  /** Begins another set. */
  reset(): void {
    this.#used = 0
  }

  /** Reads one field that holds a Label: `string name = 1;  string value = 2;`. Refuses more of them than the limit allows. */
  read(): void {
    const wire = this.#wire
    const { maxLabels } = this.#limits
    if (this.#used === maxLabels * placeSize) throw wire.error(`a series has more labels than the limit of ${maxLabels}`)
    let nameStart = 0
    let nameEnd = 0
    let valueStart = 0
    let valueEnd = 0
    const outer = wire.enter()
    for (let field = wire.nextField(); field !== 0; field = wire.nextField()) {
      if (field === 1) {
        nameStart = wire.text('a label name')
        nameEnd = wire.position
      } else if (field === 2) {
        valueStart = wire.text('a label value')
        valueEnd = wire.position
      } else wire.skip()
    }
    wire.leave(outer)
    if (nameStart === nameEnd) throw wire.error('a label has an empty name')
    const places = this.#places
    places[this.#used++] = nameStart
    places[this.#used++] = nameEnd
    places[this.#used++] = valueStart
    places[this.#used++] = valueEnd
  }

  /** Whether a metric's name is among them, and not empty. */
  hasMetricName(): boolean {
    const { bytes } = this.#wire
    const places = this.#places
    for (let at = 0; at < this.#used; at += placeSize) {
      const start = places[at]!
      if (places[at + 1]! - start !== metricName.length || places[at + 2] === places[at + 3]) continue
      if (metricName.equals(bytes.subarray(start, start + metricName.length))) return true
    }
    return false
  }

  /**
   * The labels: sorted where the sender did not, those with an empty value left out (they are the same as none). Refuses names that come
   * twice, and more bytes than the limit allows.
   */
  pack(): Labels {
    const size = this.#check()
    const { bytes } = this.#wire
    const places = this.#places
    const packed = new Uint8Array(size)
    let at = 0
    for (let i = 0; i < this.#used; i += placeSize) {
      if (places[i + 2] === places[i + 3]) continue
      for (let part = i; part < i + placeSize; part += 2) {
        const start = places[part]!
        const end = places[part + 1]!
        at = writeVarint(packed, at, end - start)
        for (let from = start; from < end; from++) packed[at++] = bytes[from]!
      }
    }
    return labelsFromBytes(packed)
  }

  /** Sorts, refuses, and gives the size of the packed form. */
  #check(): number {
    const { maxLabelBytes } = this.#limits
    if (!this.#isSorted()) this.#sort()
    const places = this.#places
    let size = 0
    for (let at = 0; at < this.#used; at += placeSize) {
      if (at > 0 && this.#compareNames(at - placeSize, at) === 0) {
        throw this.#wire.error(`label ${JSON.stringify(decodeUtf8(this.#wire.bytes, places[at]!, places[at + 1]!))} is given twice`)
      }
      const nameSize = places[at + 1]! - places[at]!
      const valueSize = places[at + 3]! - places[at + 2]!
      if (valueSize > 0) size += varintSize(nameSize) + nameSize + varintSize(valueSize) + valueSize
    }
    if (size > maxLabelBytes) throw this.#wire.error(`the labels of a series take ${size} bytes, more than the limit of ${maxLabelBytes}`)
    return size
  }

  #isSorted(): boolean {
    for (let at = placeSize; at < this.#used; at += placeSize) if (this.#compareNames(at - placeSize, at) > 0) return false
    return true
  }

  #sort(): void {
    const order: number[] = []
    for (let at = 0; at < this.#used; at += placeSize) order.push(at)
    order.sort((a, b) => this.#compareNames(a, b))
    const sorted = order.flatMap((at) => this.#places.slice(at, at + placeSize))
    for (let i = 0; i < sorted.length; i++) this.#places[i] = sorted[i]!
  }

  /** Orders the names of two labels by bytes, which in UTF-8 is the order of code points. */
  #compareNames(a: number, b: number): number {
    const { bytes } = this.#wire
    const places = this.#places
    const aStart = places[a]!
    const bStart = places[b]!
    const aLength = places[a + 1]! - aStart
    const bLength = places[b + 1]! - bStart
    const shorter = Math.min(aLength, bLength)
    for (let i = 0; i < shorter; i++) {
      const difference = bytes[aStart + i]! - bytes[bStart + i]!
      if (difference !== 0) return difference
    }
    return aLength - bLength
  }
}
