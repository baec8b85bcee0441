import { copyRange, rangeIsAt } from './byte-range.js'
import { varintAt, varintSize } from './bytes.js'
import { TextIntern } from './text-intern.js'

/** Names and values of the set before that are kept; the rest of a larger one is not. */
const maxTexts = 128
/** A larger set is not kept. */
const maxBytes = 4096

const nothing = new DataView(new ArrayBuffer(0))

/**
 * Makes objects of label sets in their canonical encoding. Neighbours have the same names, and most often some of the same values: their
 * strings are those of the set before.
 */
export class LabelStrings {
  readonly #names = new TextIntern(1024)
  readonly #values = new TextIntern(4096)
  #view: DataView = nothing
  /** The set before: its bytes; where in them each name and value begins, which is where the one before ends; their strings. */
  readonly #bytes = new DataView(new ArrayBuffer(maxBytes))
  readonly #places = new Int32Array(maxTexts + 1)
  readonly #texts: string[] = []
  #count = 0

  /** An object without a prototype of the labels that stand in `view`, up to `end`, exclusive. */
  toObject(view: DataView, start: number, end: number): Record<string, string> {
    // `Object.create(null)` makes a dictionary, which takes twice as long to fill as an object with a shape.
    const object: Record<string, string> = Object.setPrototypeOf({}, null)
    this.#view = view
    const places = this.#places
    const texts = this.#texts
    const count = this.#count
    const kept = end - start <= maxBytes ? maxTexts : 0
    let name = ''
    let last = 0
    let i = 0
    for (let at = start; at < end; i++) {
      const lastStart = last
      if (i < count) last = places[i + 1]!
      const length = last - lastStart
      const isName = (i & 1) === 0
      let text: string
      if (i < count && at + length <= end && this.#isAt(at, lastStart, length)) {
        text = texts[i]!
        at += length
      } else {
        const textLength = varintIn(view, at)
        const from = at + varintSize(textLength)
        at = from + textLength
        text = (isName ? this.#names : this.#values).get(view, from, at)
      }
      if (isName) name = text
      else object[name] = text
      if (i < kept) {
        places[i + 1] = at - start
        texts[i] = text
      }
    }
    this.#keep(start, end, Math.min(i, kept))
    return object
  }

  /** Whether at an offset stands what begins at `from` in the set before. */
  #isAt(at: number, from: number, length: number): boolean {
    return rangeIsAt(this.#view, at, { view: this.#bytes, start: from, end: from + length })
  }

  #keep(start: number, end: number, count: number): void {
    if (count > 0) copyRange({ view: this.#view, start, end }, this.#bytes, 0)
    this.#count = count
    this.#view = nothing
  }
}

/** As `varintAt`. */
function varintIn(view: DataView, at: number): number {
  const first = view.getUint8(at)
  return first < 0x80 ? first : varintAt(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), at)
}
