import { encodeUtf8, standsAt, varintSize } from '../../model/bytes.js'
import { type Labels, metricNameLabel, walkLabels } from '../../model/labels.js'
import { byte } from '../cursor.js'
import { ByteWriter, written } from './byte-writer.js'
import { NameOrder } from './name-order.js'
import type { TextScanner } from './text-scanner.js'

/** A label that every line has: its name and, unless it is the metric's name, which is the line's own, its encoded value. */
type Constant = readonly [name: Uint8Array, value: ByteWriter | undefined]

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
  readonly pieces: ByteWriter = new ByteWriter(initialBytes)
  /** Where each piece ends. */
  readonly pieceEnds: Int32Array
  /** What the encoding of every line has in front of the length of the metric's name, and behind that name. */
  readonly head: ByteWriter
  readonly tail: ByteWriter
  /** The labels that are named `le` and `quantile`; -1 where there is none. */
  bucketBound: number = none
  quantile: number = none
  /** The sorted names of labels without a value; undefined where all have one. */
  emptyNames: readonly string[] | undefined
  readonly #scanner: TextScanner
  readonly #constants: readonly Constant[]
  readonly #names: NameOrder
  /** For each name on the line its label; -1 where it has no value. */
  readonly #labels: Int32Array

  /** @param attached labels that every line gets; a line that gives one of them itself is not a usual one */
  constructor(attached: Labels, scanner: TextScanner) {
    this.#scanner = scanner
    this.#constants = constantsOf(attached)
    this.#names = new NameOrder(this.#constants.map(([name]) => name))
    const place = this.#constants.findIndex(([, value]) => value === undefined)
    this.head = encode([...this.#constants.slice(0, place), [metricName, undefined]])
    this.tail = encode(this.#constants.slice(place + 1))
    const size = this.#names.order.length
    this.starts = new Int32Array(size)
    this.ends = new Int32Array(size)
    this.order = new Int32Array(size)
    this.pieceEnds = new Int32Array(size + 1)
    this.#labels = new Int32Array(size)
  }

  /** Forgets the last line. */
  clear(): void {
    this.count = none
    this.bucketBound = none
    this.quantile = none
    this.emptyNames = undefined
  }

  /**
   * Learns from a line whose name ends at `nameEnd`, where a brace stands. Returns the offset behind its labels; -1, and nothing is
   * learned, where it is not a usual one.
   */
  learn(start: number, nameEnd: number, end: number): number {
    this.clear()
    this.nameLength = nameEnd - start
    this.#names.clear()
    const next = this.#learnLabels(start, end)
    if (next >= 0) this.#assemble(start)
    return next
  }

  #learnLabels(start: number, end: number): number {
    const scanner = this.#scanner
    const { body, view } = scanner
    let next = start + this.nameLength + 1
    let names = 0
    let count = 0
    while (next < end && body[next] !== byte.closeBrace) {
      const nameEnd = scanner.labelNameEnd(next, end)
      if (nameEnd === next || nameEnd + 1 >= end || body[nameEnd] !== byte.equals || body[nameEnd + 1] !== byte.quote) return -1
      const valueEnd = scanner.valueEnd(nameEnd + 2, end)
      if (valueEnd < 0 || !this.#names.add(view, next, nameEnd)) return -1
      const label = valueEnd > nameEnd + 2 ? count++ : none
      this.#labels[names++] = label
      this.#noteBound(next, nameEnd, label)
      if (label !== none) {
        this.starts[label] = nameEnd + 2 - start
        this.ends[label] = valueEnd - start
      }
      next = valueEnd + 1
      if (body[next] === byte.comma) next++
      else if (body[next] !== byte.closeBrace) return -1
    }
    if (next >= end) return -1
    this.count = count
    return next + 1
  }

  #noteBound(start: number, end: number, label: number): void {
    const { body } = this.#scanner
    if (end - start === bucketLabel.length && standsAt(bucketLabel, body, start)) {
      this.bucketBound = label
    } else if (end - start === quantileLabel.length && standsAt(quantileLabel, body, start)) {
      this.quantile = label
    }
  }

  /** Puts the pieces together: what every line has, the names, and the name of the metric. */
  #assemble(start: number): void {
    const names = this.#names
    const constants = this.#constants
    const { pieces, head, tail, nameLength } = this
    pieces.at = 0
    pieces.reserve(head.at + tail.at + names.encodedSize + varintSize(nameLength) + nameLength)
    let slot = 0
    for (let i = 0; i < names.count; i++) {
      const name = names.order[i]!
      const constant = constants[name]
      const label = constant === undefined ? this.#labels[name - constants.length]! : none
      if (constant === undefined && label === none) {
        this.emptyNames = [...(this.emptyNames ?? []), names.text(name)]
        continue
      }
      names.write(name, pieces)
      if (constant === undefined) {
        this.order[slot] = label
        this.pieceEnds[slot++] = pieces.at
      } else if (constant[1] === undefined) {
        pieces.varint(nameLength)
        pieces.copy(this.#scanner.view, start, nameLength)
      } else {
        pieces.append(constant[1])
      }
    }
    this.pieceEnds[slot] = pieces.at
  }
}

/** The labels that every line has, and the metric's name among them, sorted by name. */
function constantsOf({ bytes }: Labels): readonly Constant[] {
  const constants: Constant[] = [[metricName, undefined]]
  walkLabels(bytes, ({ nameStart, nameEnd, valueEnd }) => {
    // In front of the value stands its length.
    constants.push([bytes.slice(nameStart, nameEnd), written(bytes.subarray(nameEnd, valueEnd))])
    return true
  })
  return constants.sort(([a], [b]) => Buffer.compare(a, b))
}

function encode(constants: readonly Constant[]): ByteWriter {
  const writer = new ByteWriter(0)
  for (const [name, value] of constants) {
    writer.reserve(writer.at + varintSize(name.length) + name.length + (value?.at ?? 0))
    writer.varint(name.length)
    writer.append(written(name))
    if (value !== undefined) writer.append(value)
  }
  return writer
}
