const tab = 0x09
const lineFeed = 0x0a
const space = 0x20
const quote = 0x22
const hash = 0x23
const openBrace = 0x7b
const backslash = 0x5c
const closeBrace = 0x7d

/** The first offset from `at` on where neither a comment nor an empty line begins; `end` where there is none. */
export function endOfComments(bytes: Uint8Array, at: number, end: number): number {
  let next = at
  while (next < end) {
    const first = bytes[next]
    if (first !== hash && first !== lineFeed && first !== space && first !== tab) return next
    next = bytes.indexOf(lineFeed, next) + 1
    if (next === 0) return end
  }
  return end
}

/**
 * Where the value of the sample line begins that begins at `at`, if the line is right up to there; -1 where it cannot be. A line feed must
 * follow somewhere.
 */
export function valueOfSample(bytes: Uint8Array, at: number, end: number): number {
  let next = at
  let byte = bytes[next]!
  while (byte !== openBrace && byte !== space && byte !== tab && byte !== lineFeed) byte = bytes[++next]!
  while (byte === space || byte === tab) byte = bytes[++next]!
  if (byte !== openBrace) return byte === lineFeed ? -1 : next
  for (next++; next < end && bytes[next] !== closeBrace; next++) {
    if (bytes[next] !== quote) continue
    for (next++; next < end && bytes[next] !== quote; next++) if (bytes[next] === backslash) next++
  }
  for (next++; next < end && (bytes[next] === space || bytes[next] === tab); next++);
  return next < end ? next : -1
}

/** Whether the line that begins at `at` is still within a quoted text at `end`, so that it may become right with more of the body. */
export function endsInQuotes(bytes: Uint8Array, at: number, end: number): boolean {
  let isQuoted = false
  for (let next = at; next < end; next++) {
    const byte = bytes[next]
    if (byte === quote) isQuoted = !isQuoted
    else if (byte === backslash && isQuoted) next++
    else if (byte === lineFeed && !isQuoted) return false
  }
  return isQuoted
}
