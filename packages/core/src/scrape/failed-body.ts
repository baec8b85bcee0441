import { decodeUtf8 } from '../model/bytes.js'
import type { TargetStatus } from './scrape-config.js'

/** Enough to see the fault and its surroundings, little enough to keep one for each of a thousand targets. */
const maxBytes = 64 * 1024
const lineFeed = 0x0a

/**
 * What is kept of a body that could not be used: its beginning, or, where the fault lies behind that, the part that ends after the faulty
 * line.
 */
export function keepFailedBody(
  body: Uint8Array,
  place: { readonly line?: number; readonly column?: number },
): NonNullable<TargetStatus['lastFailedBody']> {
  const end = place.line === undefined ? 0 : endOfLine(body, place.line)
  const start = end <= maxBytes ? 0 : startOfLine(body, end - maxBytes)
  const text = decodeUtf8(body, start, start === 0 ? Math.min(maxBytes, body.length) : end)
  const firstLine = 1 + countLineFeeds(body.subarray(0, start))
  return { text, ...place, ...(firstLine > 1 && { firstLine }) }
}

/** The offset after line `line`, counted from 1. */
function endOfLine(body: Uint8Array, line: number): number {
  let at = 0
  for (let i = 0; i < line; i++) {
    const end = body.indexOf(lineFeed, at)
    if (end < 0) return body.length
    at = end + 1
  }
  return at
}

/** The next offset from `at` on where a line begins; `at` itself where the line is longer than what is kept. */
function startOfLine(body: Uint8Array, at: number): number {
  const end = body.subarray(0, at + maxBytes - 1).indexOf(lineFeed, at)
  return end < 0 ? at : end + 1
}

function countLineFeeds(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes) if (byte === lineFeed) count++
  return count
}
