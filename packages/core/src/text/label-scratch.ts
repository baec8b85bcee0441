import { compareRanges } from '../model/byte-range.js'
import { decodeUtf8, varintSize, writeVarint } from '../model/bytes.js'
import { type Labels, labelsFromBytes, metricNameLabel } from '../model/labels.js'
import { byte } from './cursor.js'

/** Enough for most lines; each grows by doubling. */
const initialBytes = 1024
const initialTexts = 64
const initialLabels = 32

/** More labels than this are sorted by the library: inserting costs a square, and a page must not be able to make that felt. */
const maxInserted = 32

/**
 * The labels of one line on their way to the canonical encoding: texts (names and values, without escapes) in one buffer, and labels as
 * pairs of texts. It is used again for every line and makes no strings.
 */
export class LabelScratch {
  /** The text `__name__`, which is always there. */
  readonly metricName = 0
  #bytes = new Uint8Array(initialBytes)
  /** Text `i` lies between bounds `i` and `i + 1`. */
  #bounds = new Int32Array(initialTexts)
  #texts = 0
  #names = new Int32Array(initialLabels)
  #values = new Int32Array(initialLabels)
  /** Where in the body a label begins, for errors. */
  #places = new Int32Array(initialLabels)
  #order = new Int32Array(initialLabels)
  #count = 0
  #empty = 0

  constructor() {
    this.addAscii(metricNameLabel)
  }

  /** Number of labels. */
  get count(): number {
    return this.#count
  }

  /** Forgets the last line. */
  clear(): void {
    this.#texts = 1
    this.#count = 0
    this.#empty = 0
  }

  /** Takes a range as it stands; returns its number. */
  addText(source: Uint8Array, start: number, end: number): number {
    const from = this.#reserve(end - start)
    const bytes = this.#bytes
    for (let i = start, to = from; i < end; i++, to++) bytes[to] = source[i]!
    return this.#closeText(from + end - start)
  }

  /** Takes a range, `\\`, `\"` and `\n` replaced, other backslashes as they stand; returns its number. */
  addUnescaped(source: Uint8Array, start: number, end: number): number {
    let to = this.#reserve(end - start)
    for (let i = start; i < end; i++) {
      const value = source[i]!
      const escaped = value === byte.backslash && i + 1 < end ? unescapedByte(source[i + 1]!) : -1
      this.#bytes[to++] = escaped < 0 ? value : escaped
      if (escaped >= 0) i++
    }
    return this.#closeText(to)
  }

  /** Takes a text of ASCII characters; returns its number. (An encoder costs more than the few bytes of a number.) */
  addAscii(text: string): number {
    const from = this.#reserve(text.length)
    const bytes = this.#bytes
    for (let i = 0; i < text.length; i++) bytes[from + i] = text.charCodeAt(i)
    return this.#closeText(from + text.length)
  }

  /** Pairs two texts. @param place where the label begins in the body */
  addLabel(name: number, value: number, place: number): void {
    if (this.#count === this.#names.length) this.#growLabels()
    if (this.isEmpty(value)) this.#empty++
    this.#names[this.#count] = name
    this.#values[this.#count] = value
    this.#places[this.#count++] = place
  }

  text(text: number): string {
    return decodeUtf8(this.#bytes, this.#bounds[text], this.#bounds[text + 1])
  }

  isEmpty(text: number): boolean {
    return this.#bounds[text] === this.#bounds[text + 1]
  }

  textIs(text: number, expected: Uint8Array): boolean {
    const start = this.#bounds[text]!
    if (this.#bounds[text + 1]! - start !== expected.length) return false
    for (let i = 0; i < expected.length; i++) if (this.#bytes[start + i] !== expected[i]) return false
    return true
  }

  /** The bytes of a text, to keep. */
  copyOf(text: number): Uint8Array {
    return this.#bytes.slice(this.#bounds[text], this.#bounds[text + 1])
  }

  nameOf(label: number): string {
    return this.text(this.#names[label]!)
  }

  placeOf(label: number): number {
    return this.#places[label]!
  }

  /** The value of the label with this name, as a text; -1 where it is absent. */
  find(name: Uint8Array): number {
    for (let i = 0; i < this.#count; i++) if (this.textIs(this.#names[i]!, name)) return i
    return -1
  }

  valueOf(label: number): string {
    return this.text(this.#values[label]!)
  }

  setValue(label: number, value: number): void {
    this.#values[label] = value
  }

  /** Sorts the labels by name. Returns a label whose name another one has as well, or -1. */
  sort(): number {
    if (this.#count > maxInserted) return this.#sortMany()
    const order = this.#order
    for (let i = 0; i < this.#count; i++) {
      let to = i
      for (; to > 0; to--) {
        const difference = this.#compareNames(order[to - 1]!, i)
        if (difference === 0) return i
        if (difference < 0) break
        order[to] = order[to - 1]!
      }
      order[to] = i
    }
    return -1
  }

  #sortMany(): number {
    const order = this.#order.subarray(0, this.#count)
    for (let i = 0; i < order.length; i++) order[i] = i
    order.sort((a, b) => this.#compareNames(a, b))
    for (let i = 1; i < order.length; i++) if (this.#compareNames(order[i - 1]!, order[i]!) === 0) return order[i]!
    return -1
  }

  /** The sorted names of the labels without a value; undefined where all have one. */
  emptyNames(): string[] | undefined {
    if (this.#empty === 0) return undefined
    const labels = Array.from(this.#order.subarray(0, this.#count))
    return labels.filter((label) => this.isEmpty(this.#values[label]!)).map((label) => this.nameOf(label))
  }

  /** The sorted labels in their canonical encoding; those without a value are none. */
  pack(): Labels {
    let size = 0
    for (let i = 0; i < this.#count; i++) {
      if (!this.isEmpty(this.#values[i]!)) size += this.#sizeOf(this.#names[i]!) + this.#sizeOf(this.#values[i]!)
    }
    const packed = new Uint8Array(size)
    let at = 0
    for (let i = 0; i < this.#count; i++) {
      const label = this.#order[i]!
      if (this.isEmpty(this.#values[label]!)) continue
      at = this.#write(packed, at, this.#names[label]!)
      at = this.#write(packed, at, this.#values[label]!)
    }
    return labelsFromBytes(packed)
  }

  #sizeOf(text: number): number {
    const length = this.#bounds[text + 1]! - this.#bounds[text]!
    return varintSize(length) + length
  }

  #write(target: Uint8Array, offset: number, text: number): number {
    const bytes = this.#bytes
    const end = this.#bounds[text + 1]!
    const start = this.#bounds[text]!
    let to = writeVarint(target, offset, end - start)
    for (let from = start; from < end; from++, to++) target[to] = bytes[from]!
    return to
  }

  /** Orders labels by the bytes of their names, which is by code point. */
  #compareNames(labelA: number, labelB: number): number {
    const bytes = this.#bytes
    const bounds = this.#bounds
    const a = this.#names[labelA]!
    const b = this.#names[labelB]!
    return compareRanges({ bytes, start: bounds[a]!, end: bounds[a + 1]! }, { bytes, start: bounds[b]!, end: bounds[b + 1]! })
  }

  /** Makes room for another text of at most `length` bytes; returns where it begins. */
  #reserve(length: number): number {
    const from = this.#bounds[this.#texts]!
    if (from + length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, from + length))
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    if (this.#texts + 1 === this.#bounds.length) this.#bounds = doubled(this.#bounds)
    return from
  }

  #closeText(end: number): number {
    this.#bounds[this.#texts + 1] = end
    return this.#texts++
  }

  #growLabels(): void {
    this.#names = doubled(this.#names)
    this.#values = doubled(this.#values)
    this.#places = doubled(this.#places)
    this.#order = doubled(this.#order)
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(array.length * 2)
  grown.set(array)
  return grown
}

/** What a backslash and this byte stand for; -1 where they are no escape sequence. */
function unescapedByte(value: number): number {
  if (value === byte.backslash || value === byte.quote) return value
  return value === byte.letterN ? byte.lineFeed : -1
}
