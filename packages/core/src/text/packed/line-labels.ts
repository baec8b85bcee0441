import { type Labels, LazyLabels } from '../../model/labels.js'
import type { MetricType } from '../../model/metadata.js'
import { LinePacker } from './line-packer.js'
import { LineStrings } from './line-strings.js'

const packer = new LinePacker()
const strings = new LineStrings()
const noBytes = new Uint8Array(0)

/** Labels of a sample line that was found right. */
export class LineLabels extends LazyLabels {
  /** They stay as they are. None once the labels are packed. */
  #bytes: Uint8Array
  readonly #start: number
  readonly #type: MetricType
  #emptyNames: readonly string[] | undefined

  /** Of the line at `start`; `type` is what its bounds are normalised by. */
  constructor(bytes: Uint8Array, start: number, type: MetricType) {
    super()
    this.#bytes = bytes
    this.#start = start
    this.#type = type
  }

  /** The sorted names of the labels that the line gives without a value; undefined where all have one. */
  get emptyNames(): readonly string[] | undefined {
    this.packed()
    return this.#emptyNames
  }

  override toObject(): Record<string, string> {
    return this.#bytes === noBytes ? this.packed().toObject() : strings.toObject(this.#bytes, this.#start, this.#type)
  }

  protected override pack(): Labels {
    const labels = packer.pack(this.#bytes, this.#start, this.#type)
    this.#emptyNames = packer.emptyNames
    this.#bytes = noBytes
    return labels
  }
}
