import { emptyLabels, type Labels } from '../../model/labels.js'
import type { MetricType } from '../../model/metadata.js'
import { LinePacker } from './line-packer.js'
import { LineStrings } from './line-strings.js'

const packer = new LinePacker()
const strings = new LineStrings()

/** Labels of a sample line that was found right, which are packed when somebody asks for more than an object. */
export class LineLabels implements Labels {
  /** They stay as they are. Undefined once the labels are packed. */
  #bytes: Uint8Array | undefined
  readonly #start: number
  readonly #type: MetricType
  #labels: Labels = emptyLabels
  #emptyNames: readonly string[] | undefined

  /** Of the line at `start`; `type` is what its bounds are normalised by. */
  constructor(bytes: Uint8Array, start: number, type: MetricType) {
    this.#bytes = bytes
    this.#start = start
    this.#type = type
  }

  get length(): number {
    return this.#pack().length
  }

  get bytes(): Uint8Array {
    return this.#pack().bytes
  }

  /** The sorted names of the labels that the line gives without a value; undefined where all have one. */
  get emptyNames(): readonly string[] | undefined {
    this.#pack()
    return this.#emptyNames
  }

  nameAt(i: number): string {
    return this.#pack().nameAt(i)
  }

  valueAt(i: number): string {
    return this.#pack().valueAt(i)
  }

  get(name: string): string | undefined {
    return this.#pack().get(name)
  }

  equals(other: Labels): boolean {
    return this === other || this.#pack().equals(other)
  }

  toObject(): Record<string, string> {
    return this.#bytes === undefined ? this.#labels.toObject() : strings.toObject(this.#bytes, this.#start, this.#type)
  }

  #pack(): Labels {
    if (this.#bytes !== undefined) {
      this.#labels = packer.pack(this.#bytes, this.#start, this.#type)
      this.#emptyNames = packer.emptyNames
      this.#bytes = undefined
    }
    return this.#labels
  }
}
