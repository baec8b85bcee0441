import { metricNameLabel } from '../../model/labels.js'
import type { MetricType } from '../../model/metadata.js'
import { TextIntern } from '../../model/text-intern.js'
import { byte } from '../cursor.js'
import { isNameByte } from '../names.js'
import { BoundTable } from './bound-table.js'
import { boundsOf } from './packed-line-reader.js'
import { maxLabels } from './series-scanner.js'
import { TextScanner } from './text-scanner.js'

/** What stands between the name of a label and its value: `="`. */
const delimiterBytes = 2
/** The metric's name and the labels. */
const maxTexts = maxLabels + 1

/**
 * Makes objects of sample lines that SeriesScanner found right, without packing them first. Neighbours have the same names in the same
 * order, and most often some of the same values: their strings, and the order of the names, are those of the line before.
 */
export class LineStrings {
  readonly #scanner = new TextScanner()
  readonly #interned = new TextIntern(4096)
  readonly #bounds = new BoundTable()
  /** Of the line before, and of longer ones before it: the metric's name and the labels, where they stand, and their strings. */
  readonly #nameStarts = new Int32Array(maxTexts)
  /** With the delimiter. */
  readonly #nameEnds = new Int32Array(maxTexts)
  readonly #valueStarts = new Int32Array(maxTexts)
  readonly #valueEnds = new Int32Array(maxTexts)
  readonly #names: string[] = [metricNameLabel]
  readonly #values: string[] = ['']
  /** The texts, sorted by name, once they are. */
  readonly #order: number[] = []

  /** An object without a prototype of the labels of the line at `start`; its bounds are normalised as after this type. */
  toObject(bytes: Uint8Array, start: number, type: MetricType): Record<string, string> {
    const scanner = this.#scanner
    if (bytes !== scanner.body) this.#borrow(bytes)
    let next = this.#readName(start)
    let count = 1
    if (bytes[next] === byte.openBrace) {
      next++
      for (; bytes[next] !== byte.closeBrace; count++) {
        next = this.#readValue(count, this.#readLabelName(count, next)) + 1
        if (bytes[next] === byte.comma) next++
      }
    }
    if (this.#order.length === 0) this.#sort()
    const bound = this.#boundText(count, type)
    // `Object.create(null)` makes a dictionary, which takes twice as long to fill as an object with a shape.
    const object: Record<string, string> = Object.setPrototypeOf({}, null)
    for (const i of this.#order) {
      const value = i === bound ? this.#normalize(i) : this.#values[i]!
      if (i < count && value !== '') object[this.#names[i]!] = value
    }
    return object
  }

  /** Begins other bytes, in which nothing is known yet. */
  #borrow(bytes: Uint8Array): void {
    this.#scanner.borrow(bytes)
    this.#forget(1)
    this.#valueEnds[0] = this.#valueStarts[0]!
  }

  /** Forgets the names from text `from` on. */
  #forget(from: number): void {
    this.#names.length = from
    this.#order.length = 0
  }

  #readName(start: number): number {
    const scanner = this.#scanner
    const { body } = scanner
    const end = start + this.#valueEnds[0]! - this.#valueStarts[0]!
    if (end > start && end < body.length && !isNameByte(body[end]!) && scanner.isSame(start, end, this.#valueStarts[0]!)) return end
    return this.#keepValue(0, start, scanner.metricNameEnd(start, body.length))
  }

  /** Returns where the value begins. */
  #readLabelName(label: number, start: number): number {
    const scanner = this.#scanner
    const { body } = scanner
    if (label < this.#names.length) {
      const known = this.#nameStarts[label]!
      const next = start + this.#nameEnds[label]! - known
      if (next < body.length && scanner.isSame(start, next, known)) return next
    }
    const end = scanner.labelNameEnd(start, body.length)
    this.#forget(label)
    this.#names.push(this.#interned.get(scanner.view, start, end))
    this.#nameStarts[label] = start
    this.#nameEnds[label] = end + delimiterBytes
    this.#valueEnds[label] = -1
    return end + delimiterBytes
  }

  /** Returns where the value ends. One that comes again, with a quote behind it, ends where it ended. */
  #readValue(label: number, start: number): number {
    const scanner = this.#scanner
    const { body } = scanner
    const known = this.#valueStarts[label]!
    const end = start + this.#valueEnds[label]! - known
    if (end >= start && end < body.length && body[end] === byte.quote && scanner.isSame(start, end, known)) return end
    return this.#keepValue(label, start, scanner.valueEnd(start, body.length))
  }

  #keepValue(text: number, start: number, end: number): number {
    this.#values[text] = this.#interned.get(this.#scanner.view, start, end)
    this.#valueStarts[text] = start
    this.#valueEnds[text] = end
    return end
  }

  /** Names of labels are ASCII, so that they are ordered as their bytes. */
  #sort(): void {
    const names = this.#names
    const order = this.#order
    for (let i = 0; i < names.length; i++) {
      let place = i
      for (; place > 0 && names[order[place - 1]!]! > names[i]!; place--) order[place] = order[place - 1]!
      order[place] = i
    }
  }

  /** The text that is normalised; -1 where there is none. */
  #boundText(count: number, type: MetricType): number {
    const name = boundsOf(type)
    const label = name === 'none' ? -1 : this.#names.indexOf(name)
    return label < count ? label : -1
  }

  #normalize(label: number): string {
    const normal = this.#bounds.normalize(this.#scanner.body, this.#valueStarts[label]!, this.#valueEnds[label]!)
    return normal === undefined ? this.#values[label]! : this.#interned.get(normal.view, 0, normal.at)
  }
}
