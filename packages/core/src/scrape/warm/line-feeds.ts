const lineFeed = 0x0a

/** Number of line feeds. For errors, not for every page: it looks at each byte. */
export function lineFeedsIn(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) count++
  return count
}
