import { afterVarint, compareCodePoints, decodeUtf8, equalBytes, varintAt, varintSize, viewOf, writeVarint } from './bytes.js'
import { PromlineError } from './errors.js'
import { LabelStrings } from './label-strings.js'

/** The name of the label that holds the metric's name. */
export const metricNameLabel = '__name__'

/**
 * A set of labels, sorted by name in code-point order, `__name__` among them. Immutable. A view over bytes: strings are made when
 * they are asked for, and are not kept.
 */
export interface Labels {
  /** Number of labels. */
  readonly length: number
  /** The name of label `i`, 0 <= i < length. */
  nameAt(i: number): string
  /** The value of label `i`, 0 <= i < length. */
  valueAt(i: number): string
  /** The value of a label; undefined where it is absent. A present label is never empty. */
  get(name: string): string | undefined
  equals(other: Labels): boolean
  /** A plain object without a prototype, so that `__proto__` is a name like any other. */
  toObject(): Record<string, string>
  /**
   * The canonical encoding: for each label, in order, varint(length of name), name, varint(length of value), value, in UTF-8. Equal
   * sets have equal bytes. Never write to it.
   */
  readonly bytes: Uint8Array
}

/** What a set of labels can be made from. */
export type LabelsInput = Labels | Readonly<Record<string, string>> | Iterable<readonly [name: string, value: string]>

/** One label of an encoded set: offsets into its bytes. Reused by a walk: copy what is kept. */
export interface LabelPlace {
  nameStart: number
  nameEnd: number
  valueStart: number
  valueEnd: number
}

/** Walks the canonical encoding without making strings. Stops early where `visit` returns false. */
export function walkLabels(bytes: Uint8Array, visit: (place: LabelPlace) => boolean): void {
  const place = newPlace()
  for (let at = 0; at < bytes.length; ) {
    at = readPlace(bytes, at, place)
    if (visit(place) === false) return
  }
}

function newPlace(): LabelPlace {
  return { nameStart: 0, nameEnd: 0, valueStart: 0, valueEnd: 0 }
}

/** The offset behind the label at an offset. */
function afterLabel(bytes: Uint8Array, at: number): number {
  const nameEnd = afterVarint(bytes, at) + varintAt(bytes, at)
  return afterVarint(bytes, nameEnd) + varintAt(bytes, nameEnd)
}

function readPlace(bytes: Uint8Array, at: number, place: LabelPlace): number {
  place.nameStart = afterVarint(bytes, at)
  place.nameEnd = place.nameStart + varintAt(bytes, at)
  place.valueStart = afterVarint(bytes, place.nameEnd)
  place.valueEnd = place.valueStart + varintAt(bytes, place.nameEnd)
  return place.valueEnd
}

class PackedLabels implements Labels {
  readonly bytes: Uint8Array
  #length = -1
  /** The label that was looked at last, and where it stands: most look at one after the other. */
  #seen = 0
  #seenAt = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get length(): number {
    if (this.#length < 0) {
      const { bytes } = this
      let count = 0
      for (let at = 0; at < bytes.length; at = afterLabel(bytes, at)) count++
      this.#length = count
    }
    return this.#length
  }

  nameAt(i: number): string {
    const place = this.#place(i)
    return decodeUtf8(this.bytes, place.nameStart, place.nameEnd)
  }

  valueAt(i: number): string {
    const place = this.#place(i)
    return decodeUtf8(this.bytes, place.valueStart, place.valueEnd)
  }

  get(name: string): string | undefined {
    const { bytes } = this
    const place = newPlace()
    for (let at = 0; at < bytes.length; ) {
      at = readPlace(bytes, at, place)
      if (decodeUtf8(bytes, place.nameStart, place.nameEnd) === name) return decodeUtf8(bytes, place.valueStart, place.valueEnd)
    }
    return undefined
  }

  equals(other: Labels): boolean {
    return this === other || equalBytes(this.bytes, other.bytes)
  }

  toObject(): Record<string, string> {
    const { bytes } = this
    return strings.toObject(viewOf(bytes), 0, bytes.length)
  }

  #place(i: number): LabelPlace {
    const { bytes } = this
    if (i < this.#seen) {
      this.#seen = 0
      this.#seenAt = 0
    }
    let at = this.#seenAt
    let label = this.#seen
    for (; label < i && at < bytes.length; label++) at = afterLabel(bytes, at)
    if (!(i >= 0 && at < bytes.length)) throw new RangeError(`label ${i} of ${this.length}`)
    this.#seen = label
    this.#seenAt = at
    const place = newPlace()
    readPlace(bytes, at, place)
    return place
  }
}

/** Labels that are packed when somebody asks for more than an object of them: an array of their own costs more than all else. */
export abstract class LazyLabels implements Labels {
  #packed: Labels | undefined

  get bytes(): Uint8Array {
    return this.packed().bytes
  }

  get length(): number {
    return this.packed().length
  }

  nameAt(i: number): string {
    return this.packed().nameAt(i)
  }

  valueAt(i: number): string {
    return this.packed().valueAt(i)
  }

  get(name: string): string | undefined {
    return this.packed().get(name)
  }

  equals(other: Labels): boolean {
    return this === other || this.packed().equals(other)
  }

  abstract toObject(): Record<string, string>

  protected packed(): Labels {
    this.#packed ??= this.pack()
    return this.#packed
  }

  /** Called once. */
  protected abstract pack(): Labels
}

/** Labels that are a part of some bytes. */
class LabelsWithin extends LazyLabels {
  readonly #view: DataView
  readonly #start: number
  readonly #end: number

  constructor(view: DataView, start: number, end: number) {
    super()
    this.#view = view
    this.#start = start
    this.#end = end
  }

  override toObject(): Record<string, string> {
    return strings.toObject(this.#view, this.#start, this.#end)
  }

  protected override pack(): Labels {
    const { buffer, byteOffset } = this.#view
    return new PackedLabels(new Uint8Array(buffer, byteOffset + this.#start, this.#end - this.#start))
  }
}

const strings = new LabelStrings()

/** The set without labels. */
export const emptyLabels: Labels = new PackedLabels(new Uint8Array(0))

/** Labels over a canonical encoding that the caller vouches for (sorted, unique, no empty value, valid UTF-8) and will not change. */
export function labelsFromBytes(bytes: Uint8Array): Labels {
  return bytes.length === 0 ? emptyLabels : new PackedLabels(bytes)
}

/** The same labels, to keep: in an array of their own, where theirs is a part of a larger one, which would stay in memory with them. */
export function ownLabels(labels: Labels): Labels {
  const { bytes } = labels
  return bytes.length < bytes.buffer.byteLength ? labelsFromBytes(Uint8Array.from(bytes)) : labels
}

/** As `labelsFromBytes`, of a part of `view`, up to `end`, exclusive. Who keeps them keeps all of it. */
export function labelsWithin(view: DataView, start: number, end: number): Labels {
  return start === end ? emptyLabels : new LabelsWithin(view, start, end)
}

/**
 * Labels of an object, of pairs, or of other labels. A label with an empty value is the same as none. Throws a PromlineError
 * (`labels`) for a name given twice, an empty name, or a string that has no UTF-8 form.
 */
export function createLabels(input: LabelsInput): Labels {
  if (isLabels(input)) return input
  const pairs = Symbol.iterator in input && isPairs(input) ? [...input] : Object.entries(input)
  return packLabels(pairs)
}

function isPairs(input: object): input is Iterable<readonly [string, string]> {
  return Symbol.iterator in input
}

/** Whether something is a set of labels rather than what one can be made from. */
export function isLabels(input: LabelsInput): input is Labels {
  return 'bytes' in input && input.bytes instanceof Uint8Array && 'nameAt' in input
}

/** Packs pairs in any order; see `createLabels` for what is refused. */
export function packLabels(pairs: readonly (readonly [name: string, value: string])[]): Labels {
  const kept = pairs.filter(([, value]) => value !== '').sort((a, b) => compareCodePoints(a[0], b[0]))
  let end = 0
  for (let i = 0; i < kept.length; i++) {
    const [name, value] = kept[i]!
    assertLabel(name, value, kept[i - 1]?.[0])
    end = writeText(writeText(end, name), value)
  }
  return labelsFromBytes(new Uint8Array(scratch.subarray(0, end)))
}

/** Where sets are packed before they are copied at their size; writing into one buffer takes half the time of encoding each text. */
let scratch = Buffer.allocUnsafe(4096)

function writeText(at: number, text: string): number {
  const length = Buffer.byteLength(text)
  const end = at + varintSize(length) + length
  if (end > scratch.length) scratch = Buffer.concat([scratch.subarray(0, at)], 2 * end)
  scratch.write(text, writeVarint(scratch, at, length))
  return end
}

function assertLabel(name: string, value: string, previous: string | undefined): void {
  // Callers without types give numbers, and what is undefined.
  if (typeof value !== 'string')
    throw new PromlineError('labels', `the value of label ${JSON.stringify(name)} is ${typeof value}, not text`)
  if (name === '') throw new PromlineError('labels', `label with an empty name and value ${JSON.stringify(value)}`)
  if (name === previous) throw new PromlineError('labels', `label ${JSON.stringify(name)} is given twice`)
  if (!name.isWellFormed() || !value.isWellFormed()) {
    throw new PromlineError('labels', `label ${JSON.stringify(name)} has a lone surrogate, which UTF-8 cannot hold`)
  }
}
