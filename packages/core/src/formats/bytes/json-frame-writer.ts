import { quoteJson } from '../telegraf-json.js'
import { createByteEscapes, writeEscaped } from './byte-escapes.js'
import { type ByteRange, rangeOf } from '../../model/byte-range.js'
import type { ByteText } from './byte-text.js'
import type { FrameWriter, RowParts } from './frame-writer.js'

const comma = 0x2c
const quote = 0x22
const colon = 0x3a

/** Of ASCII, what JSON does not take as it is. */
const escapes = createByteEscapes({
  escapes: Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code))
    .map((char) => [char, quoteJson(char).slice(1, -1)] as const)
    .filter(([char, text]) => text !== char),
  // The first byte of U+2028 and U+2029, and of other characters.
  refused: [0xe2],
  // Below the apostrophe stand the quote, the ampersand and control characters.
  plainFrom: "'",
  others: '<>\\',
})

const headText = rangeOf('{"fields":{')
const nameText = rangeOf('},"name":')
const tagsText = rangeOf(',"tags":{')
const timestampText = rangeOf('},"timestamp":')

/** `telegrafJsonFrame`, by bytes. */
export const jsonFrameWriter: FrameWriter = {
  head(to: ByteText): boolean {
    to.write(headText)
    return true
  },

  field(to: ByteText, name: ByteRange): boolean {
    if (!writeQuoted(to, name)) return false
    to.writeByte(colon)
    return true
  },

  tail(to: ByteText, { measurement, tags }: RowParts): boolean {
    to.write(nameText)
    if (!writeQuoted(to, measurement)) return false
    to.write(tagsText)
    for (let i = 0; i < tags.length; i++) {
      if (i > 0) to.writeByte(comma)
      const { name, value } = tags.at(i)
      if (!writeQuoted(to, name)) return false
      to.writeByte(colon)
      if (!writeQuoted(to, value)) return false
    }
    to.write(timestampText)
    return true
  },
}

function writeQuoted(to: ByteText, text: ByteRange): boolean {
  to.writeByte(quote)
  if (!writeEscaped(to, text, escapes)) return false
  to.writeByte(quote)
  return true
}
