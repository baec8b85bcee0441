/**
 * Text in UTF-8 that is copied eight bytes at a time, as doubles: up to seven bytes of any kind follow it. No eight bytes of UTF-8 are a NaN,
 * whose bits an engine may change: it would take a byte 0xff, or 0x7f after one from 0xf0 on, which begins a longer character.
 */
export type PaddedText = DataView

/** How many bytes a copy may read and write beyond its end. */
export const padding = 7

export function padText(text: string): PaddedText {
  const bytes = Buffer.from(text)
  const padded = new Uint8Array(bytes.length + padding)
  padded.set(bytes)
  return new DataView(padded.buffer)
}
