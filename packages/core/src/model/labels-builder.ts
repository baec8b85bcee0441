import { compareRanges } from './byte-range.js'
import { afterVarint, standsAt, varintAt, viewOf } from './bytes.js'
import { encodeLabelName, LabelEdits } from './label-edits.js'
import { emptyLabels, type Labels, labelsFromBytes } from './labels.js'
import { LabelsPacker } from './labels-packer.js'
import { TextIntern } from './text-intern.js'

/** Labels in their canonical encoding that stand somewhere in `bytes`, up to `end`, exclusive. */
export interface EncodedLabels {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/**
 * The editable form of labels. Setting an empty value deletes. `build()` gives back the base itself where nothing changed.
 *
 * The base stays as it is: edits lie over it, a string is made of a label only when it is asked for, and what was not edited is copied.
 */
export class LabelsBuilder {
  #base: Labels | undefined
  #bytes: Uint8Array = emptyLabels.bytes
  #view: DataView = new DataView(emptyLabels.bytes.buffer)
  #start = 0
  #end = 0
  readonly #edits = new LabelEdits()
  #changed = false

  constructor(base: Labels = emptyLabels) {
    this.reset(base)
  }

  /** Starts over from another set. */
  reset(base: Labels): this {
    const { bytes } = base
    this.resetTo({ bytes, start: 0, end: bytes.length })
    this.#base = base
    return this
  }

  /** Starts over from labels that stay what they are as long as this is not started over. */
  resetTo({ bytes, start, end }: EncodedLabels): this {
    if (bytes !== this.#bytes) this.#view = viewOf(bytes)
    this.#base = undefined
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    this.#changed = false
    this.#edits.clear()
    return this
  }

  /** The value of a label, or '' where it is absent. */
  get(name: string): string {
    const edited = this.#edits.find(name)
    if (edited !== undefined) return edited.value
    const at = this.#find(name)
    if (at < 0) return ''
    const start = afterVarint(this.#bytes, at)
    return values.get(this.#view, start, start + varintAt(this.#bytes, at))
  }

  has(name: string): boolean {
    const edited = this.#edits.find(name)
    return edited === undefined ? this.#find(name) >= 0 : edited.value !== ''
  }

  /**
   * The names as they stand now, a copy: those of the base that were not set, in its order, then those that were, in the order of the
   * first setting. It is the order in which Prometheus' builder walks, and decides who wins where two labels are mapped to one.
   */
  names(): string[] {
    const found: string[] = []
    const edits = this.#edits
    const bytes = this.#bytes
    for (let at = this.#start; at < this.#end; ) {
      const start = afterVarint(bytes, at)
      const end = start + varintAt(bytes, at)
      const name = names.get(this.#view, start, end)
      if (edits.find(name) === undefined) found.push(name)
      at = afterText(bytes, end)
    }
    for (let i = 0; i < edits.length; i++) if (edits.at(i).value !== '') found.push(edits.at(i).name)
    return found
  }

  set(name: string, value: string): this {
    if (value === '') return this.delete(name)
    const before = this.get(name)
    if (before !== value) this.#changed = true
    this.#edits.set(name, value)
    return this
  }

  delete(name: string): this {
    if (this.has(name)) {
      this.#changed = true
      this.#edits.set(name, '')
    }
    return this
  }

  /** Throws a PromlineError (`labels`) where a name that was set is empty, or a text has no UTF-8 form. */
  build(): Labels {
    if (this.#base !== undefined && !this.#changed) return this.#base
    const { bytes, start, end } = this.encode()
    return labelsFromBytes(bytes.slice(start, end))
  }

  /** The same as bytes, which hold until a builder is used again: those of the base where nothing changed. */
  encode(): EncodedLabels {
    if (!this.#changed) return { bytes: this.#bytes, start: this.#start, end: this.#end }
    const bytes = this.#bytes
    packed.begin()
    const edits = this.#edits.sorted()
    let next = 0
    let copied = this.#start
    for (let at = this.#start; at < this.#end && next < edits.length; ) {
      const nameStart = afterVarint(bytes, at)
      const nameEnd = nameStart + varintAt(bytes, at)
      const order = compareRanges(edits[next]!.encoded, { bytes, start: nameStart, end: nameEnd })
      if (order <= 0) {
        packed.copy(bytes, copied, at)
        copied = order < 0 ? at : afterText(bytes, nameEnd)
        packed.add(edits[next++]!)
      }
      if (order >= 0) at = afterText(bytes, nameEnd)
    }
    packed.copy(bytes, copied, this.#end)
    for (; next < edits.length; next++) packed.add(edits[next]!)
    return { bytes: packed.bytes, start: 0, end: packed.length }
  }

  /** Where the value of a label of the base stands, with its length before it; -1 where it is absent. */
  #find(name: string): number {
    const { bytes: encoded } = encodeLabelName(name)
    const bytes = this.#bytes
    for (let at = this.#start; at < this.#end; ) {
      const start = afterVarint(bytes, at)
      const end = start + varintAt(bytes, at)
      if (end - start === encoded.length && standsAt(encoded, bytes, start)) return end
      at = afterText(bytes, end)
    }
    return -1
  }
}

/** The offset after a text that has its length before it. */
function afterText(bytes: Uint8Array, at: number): number {
  return afterVarint(bytes, at) + varintAt(bytes, at)
}

/** Names of labels come from rules and pages and are few; texts of values come again as well. */
const names = new TextIntern(256)
const values = new TextIntern(1024)

/** Shared: what a builder packs is copied, or used before another one packs. */
const packed = new LabelsPacker()
