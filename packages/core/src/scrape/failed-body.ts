import { decodeUtf8 } from '../model/bytes.js'
import { BodyWindow } from './body-window.js'
import type { TargetStatus } from './scrape-config.js'
import { lineFeedsIn } from './warm/line-feeds.js'

/** What is kept of a body that could not be used. */
export type FailedBody = NonNullable<TargetStatus['lastFailedBody']>

/** Where in a body its fault is, counted from 1; without a line no line of it is at fault. */
export interface FaultPlace {
  readonly line?: number
  readonly column?: number
}

const lineFeed = 0x0a

/** What is kept of a body that is held as a whole: see `excerptOf`. */
export function keepFailedBody(body: Uint8Array, place: FaultPlace): FailedBody {
  const end = place.line === undefined ? 0 : endOfLine(body, place.line)
  const window = new BodyWindow()
  window.take(body.subarray(0, end))
  window.fault()
  window.take(body.subarray(end))
  return excerptOf(window, place)
}

/**
 * What is kept of a body that went by: its beginning, or, where the fault lies behind that, the part that ends after the faulty line. It
 * begins with a line, unless the faulty one is longer than what is kept.
 */
export function excerptOf(window: BodyWindow, place: FaultPlace): FailedBody {
  const { before } = window
  if (place.line === undefined || before === undefined) return { text: decodeUtf8(window.head), ...place }
  const start = before.indexOf(lineFeed) + 1
  const kept = before.subarray(start === before.length ? 0 : start)
  const firstLine = place.line - lineFeedsIn(kept.subarray(0, -1))
  return { text: decodeUtf8(kept), ...place, ...(firstLine > 1 && { firstLine }) }
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
