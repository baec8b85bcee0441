/** Text in UTF-8 that is copied four bytes at a time: up to three of any kind follow it. */
export type PaddedText = DataView

/** How many bytes a copy may read and write beyond its end. */
export const padding = 3

export function padText(text: string): PaddedText {
  const bytes = Buffer.from(text)
  const padded = new Uint8Array(bytes.length + padding)
  padded.set(bytes)
  return new DataView(padded.buffer)
}
