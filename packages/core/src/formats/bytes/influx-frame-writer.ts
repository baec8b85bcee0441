import { influxEscapes } from '../influx-line.js'
import { reservedNames } from '../influx-names.js'
import { createByteEscapes, writeEscaped } from './byte-escapes.js'
import { type ByteRange, equalRanges, rangeOf } from '../../model/byte-range.js'
import type { ByteTag } from './byte-tags.js'
import type { ByteText } from './byte-text.js'
import type { FrameWriter, RowParts } from './frame-writer.js'

const comma = 0x2c
const equals = 0x3d
const space = 0x20
const hash = 0x23
const underscore = 0x5f
const backslash = 0x5c

const escaped = Object.entries(influxEscapes)
/** Below the hyphen stand the comma, the space and control characters. */
const words = { plainFrom: '-', others: '==\\' }
const keyEscapes = createByteEscapes({ ...words, escapes: escaped })
const inMeasurement = escaped.filter(([char]) => char !== '=')
const measurementEscapes = createByteEscapes({ ...words, escapes: inMeasurement })
/** What `influxMeasurement` may change is left to it. */
const safeMeasurementEscapes = createByteEscapes({ ...words, escapes: inMeasurement, refused: Buffer.from('\\') })
/** What `influxNames` may change is left to it: control characters and any backslash. */
const safeNameEscapes = createByteEscapes({ ...words, escapes: escaped, refused: Buffer.from('\t\n\f\r\\') })
const reserved: readonly ByteRange[] = Array.from(reservedNames, rangeOf)

/** `influxLineFrame`, by bytes. @param options.safeNames as `influxNames` makes them */
export function influxFrameWriter(options: { readonly safeNames: boolean }): FrameWriter {
  return options.safeNames ? safeWriter : exactWriter
}

class InfluxFrameWriter implements FrameWriter {
  readonly #safeNames: boolean

  constructor(options: { readonly safeNames: boolean }) {
    this.#safeNames = options.safeNames
  }

  head(to: ByteText, { measurement, tags }: RowParts): boolean {
    if (!writeMeasurement(to, measurement, this.#safeNames ? safeMeasurementEscapes : measurementEscapes)) return false
    for (let i = 0; i < tags.length; i++) if (!this.#writeTag(to, tags.at(i))) return false
    to.writeByte(space)
    return true
  }

  field(to: ByteText, name: ByteRange): boolean {
    const { at } = to
    if (!this.#writeName(to, name) || to.at === at) return false
    to.writeByte(equals)
    return true
  }

  tail(to: ByteText): boolean {
    to.writeByte(space)
    return true
  }

  #writeTag(to: ByteText, tag: ByteTag): boolean {
    const { at } = to
    const value = withoutTrailingBackslashes(tag.value)
    if (value.start === value.end) return true
    to.writeByte(comma)
    if (!this.#writeName(to, tag.name)) return false
    if (to.at === at + 1) {
      // Without a name there is no tag.
      to.at = at
      return true
    }
    to.writeByte(equals)
    return writeEscaped(to, value, keyEscapes)
  }

  #writeName(to: ByteText, name: ByteRange): boolean {
    if (!this.#safeNames) return writeEscaped(to, withoutTrailingBackslashes(name), keyEscapes)
    return !isReserved(name) && writeEscaped(to, name, safeNameEscapes)
  }
}

const exactWriter = new InfluxFrameWriter({ safeNames: false })
const safeWriter = new InfluxFrameWriter({ safeNames: true })

function isReserved(name: ByteRange): boolean {
  for (const one of reserved) if (equalRanges(one, name)) return true
  return false
}

function writeMeasurement(to: ByteText, measurement: ByteRange, escapes: ReturnType<typeof createByteEscapes>): boolean {
  const text = withoutTrailingBackslashes(measurement)
  if (text.start === text.end) return false
  if (text.bytes[text.start] !== hash) return writeEscaped(to, text, escapes)
  // A line that begins with `#` is a comment.
  to.writeByte(underscore)
  return writeEscaped(to, { ...text, start: text.start + 1 }, escapes)
}

/** The same text, most often. No escape ends in a backslash, so they may go first. */
function withoutTrailingBackslashes(text: ByteRange): ByteRange {
  const { bytes, start } = text
  let { end } = text
  while (end > start && bytes[end - 1] === backslash) end--
  return end === text.end ? text : { ...text, end }
}
