import { encodeUtf8, varintSize, writeVarint } from '../../model/bytes.js'
import { type Labels, metricNameLabel, walkLabels } from '../../model/labels.js'
import { byte } from '../cursor.js'
import { isLabelNameByte, isLabelNameStart } from '../names.js'
import { NameOrder } from './name-order.js'
import { standsAt, type TextScanner } from './text-scanner.js'

const metricName = encodeUtf8(metricNameLabel)
const bucketLabel = encodeUtf8('le')
const quantileLabel = encodeUtf8('quantile')

/** No label. */
const none = -1

/** Room for the pieces of most lines. */
const initialBytes = 256

/**
 * What lines with the same names have in common: where their labels stand, and what stands between the values in the canonical encoding.
 * "Labels" are those with a value: one without is none, and counts as a part of what stands between two others.
 */
export class LineLayout {
  /** Number of labels; -1 where nothing was learned. */
  count: number = none
  /** Length of the metric's name, which the line begins with. */
  nameLength: number = 0
  /** Where the value of each label begins and ends, from the beginning of the line. */
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** The labels in the order of the encoding. */
  readonly order: Int32Array
  /** What the encoding has in front of the length of each value, in order, and behind the last value. */
  pieces: Uint8Array = new Uint8Array(initialBytes)
  /** Where each piece ends. */
  readonly pieceEnds: Int32Array
  /** The labels that are named `le` and `quantile`; -1 where there is none. */
  bucketBound: number = none
  quantile: number = none
  /** Whether one of these names is on the line, with a value or without. */
  hasBound: boolean = false
  /** The sorted names of labels without a value; undefined where all have one. */
  emptyNames: readonly string[] | undefined
  readonly #names: NameOrder
  /** The encoded values of the labels that every line has; undefined for the metric's name, which is the line's own. */
  readonly #values: readonly (Uint8Array | undefined)[]
  /** At least what these values take. */
  readonly #valueBytes: number
  /** For each name on the line its label; -1 where it has no value. */
  readonly #labels: Int32Array

  /** @param attached labels that every line gets; a line that gives one of them itself is not a usual one */
  constructor(attached: Labels) {
    const constants = constantsOf(attached)
    this.#names = new NameOrder(constants.map(([name]) => name))
    this.#values = constants.map(([, value]) => value)
    this.#valueBytes = attached.bytes.length
    const size = this.#names.order.length
    this.starts = new Int32Array(size)
    this.ends = new Int32Array(size)
    this.order = new Int32Array(size)
    this.pieceEnds = new Int32Array(size + 1)
    this.#labels = new Int32Array(size)
  }

  /** Learns from a line. Returns the offset behind its labels; -1, and nothing is learned, where it is not a usual one. */
  learn(scanner: TextScanner, start: number, end: number): number {
    const nameEnd = scanner.metricNameEnd(start, end)
    this.count = none
    if (nameEnd === start || nameEnd === end) return -1
    this.nameLength = nameEnd - start
    this.bucketBound = none
    this.quantile = none
    this.hasBound = false
    this.emptyNames = undefined
    this.#names.clear()
    const next = scanner.body[nameEnd] === byte.openBrace ? this.#learnLabels(scanner, start, end) : nameEnd
    if (next < 0) return -1
    if (next === nameEnd) this.count = 0
    this.#assemble(scanner.body, start)
    return next
  }

  #learnLabels(scanner: TextScanner, start: number, end: number): number {
    const { body } = scanner
    let next = start + this.nameLength + 1
    let names = 0
    let count = 0
    while (next < end && body[next] !== byte.closeBrace) {
      const nameEnd = labelNameEnd(body, next, end)
      if (nameEnd === next || nameEnd + 1 >= end || body[nameEnd] !== byte.equals || body[nameEnd + 1] !== byte.quote) return -1
      const valueEnd = scanner.valueEnd(nameEnd + 2, end)
      if (valueEnd < 0 || !this.#names.add(body, next, nameEnd)) return -1
      const hasValue = valueEnd > nameEnd + 2
      const label = hasValue ? count : none
      this.#labels[names++] = label
      if (nameEnd - next === bucketLabel.length && standsAt(bucketLabel, body, next)) {
        this.bucketBound = label
        this.hasBound = true
      } else if (nameEnd - next === quantileLabel.length && standsAt(quantileLabel, body, next)) {
        this.quantile = label
        this.hasBound = true
      }
      if (hasValue) {
        this.starts[count] = nameEnd + 2 - start
        this.ends[count++] = valueEnd - start
      }
      next = valueEnd + 1
      if (body[next] === byte.comma) next++
      else if (body[next] !== byte.closeBrace) return -1
    }
    if (next >= end) return -1
    this.count = count
    return next + 1
  }

  /** Puts the pieces together: what every line has, the names, and the name of the metric. */
  #assemble(body: Uint8Array, start: number): void {
    const names = this.#names
    const values = this.#values
    const pieces = this.#reserve(names.encodedSize + this.#valueBytes + varintSize(this.nameLength) + this.nameLength)
    let size = 0
    let slot = 0
    for (let i = 0; i < names.count; i++) {
      const name = names.order[i]!
      const label = name < values.length ? none : this.#labels[name - values.length]!
      if (name < values.length) {
        size = names.write(name, pieces, size)
        const value = values[name]
        if (value === undefined) size = this.#writeMetricName(body, start, size)
        else size = append(pieces, value, size)
      } else if (label !== none) {
        size = names.write(name, pieces, size)
        this.order[slot] = label
        this.pieceEnds[slot++] = size
      } else {
        this.emptyNames = [...(this.emptyNames ?? []), names.text(name)]
      }
    }
    this.pieceEnds[slot] = size
  }

  #writeMetricName(body: Uint8Array, start: number, at: number): number {
    const { pieces, nameLength } = this
    const to = writeVarint(pieces, at, nameLength)
    for (let i = 0; i < nameLength; i++) pieces[to + i] = body[start + i]!
    return to + nameLength
  }

  /** The pieces, of at least this size. */
  #reserve(size: number): Uint8Array {
    if (size > this.pieces.length) this.pieces = new Uint8Array(2 * size)
    return this.pieces
  }
}

/** The names and the encoded values of labels and, without a value, of the metric's name, sorted by name. */
function constantsOf({ bytes }: Labels): readonly (readonly [name: Uint8Array, value: Uint8Array | undefined])[] {
  const constants: [name: Uint8Array, value: Uint8Array | undefined][] = [[metricName, undefined]]
  walkLabels(bytes, ({ nameStart, nameEnd, valueEnd }) => {
    // In front of the value stands its length.
    constants.push([bytes.slice(nameStart, nameEnd), bytes.slice(nameEnd, valueEnd)])
    return true
  })
  return constants.sort(([a], [b]) => Buffer.compare(a, b))
}

function append(target: Uint8Array, text: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) target[at + i] = text[i]!
  return at + text.length
}

function labelNameEnd(body: Uint8Array, at: number, end: number): number {
  if (at >= end || !isLabelNameStart(body[at]!)) return at
  let next = at + 1
  while (next < end && isLabelNameByte(body[next]!)) next++
  return next
}
