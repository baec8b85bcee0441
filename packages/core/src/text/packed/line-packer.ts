import { type Labels, labelsWithin } from '../../model/labels.js'
import type { MetricType } from '../../model/metadata.js'
import { ByteArena } from './byte-arena.js'
import { PackedLineReader } from './packed-line-reader.js'

/** Makes the labels of sample lines that SeriesScanner found right. Who asks for them asks for those of one line after the other. */
export class LinePacker {
  readonly #lines = new PackedLineReader()
  readonly #arena = new ByteArena()

  /** The sorted names of the labels that the line of the last call gives without a value; undefined where all have one. */
  get emptyNames(): readonly string[] | undefined {
    return this.#lines.emptyNames
  }

  /** The labels of the line that begins at `start`; its bounds are normalised as after this type. */
  pack(bytes: Uint8Array, start: number, type: MetricType): Labels {
    const lines = this.#lines
    lines.type = type
    if (lines.read(bytes, start, bytes.length) < 0) throw new Error('a line that was found right cannot be packed')
    this.#arena.copy(lines.view, 0, lines.length)
    const { view, end } = this.#arena
    return labelsWithin(view, end - lines.length, end)
  }
}
