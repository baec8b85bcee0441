/**
 * Letter case as Go maps it: code point by code point, by Unicode's simple mappings. JavaScript's own methods map strings, with the
 * special cases of the full mappings: `ß` becomes `SS`, a final sigma `ς`.
 */

/** Go's strings.ToLower. */
export function toLowerCase(text: string): string {
  return isAscii(text) ? text.toLowerCase() : mapCodePoints(text, lowerOf)
}

/** Go's strings.ToUpper. */
export function toUpperCase(text: string): string {
  return isAscii(text) ? text.toUpperCase() : mapCodePoints(text, upperOf)
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

function mapCodePoints(text: string, map: (char: string) => string): string {
  let mapped = ''
  for (const char of text) mapped += map(char)
  return mapped
}

/** U+0130 is the one code point whose full lower case is longer than its simple one. */
function lowerOf(char: string): string {
  return char === '\u0130' ? 'i' : char.toLowerCase()
}

/** Where the full mapping has several code points the simple one is none, but for the Greek letters with an iota below. */
function upperOf(char: string): string {
  const upper = char.toUpperCase()
  const code = char.codePointAt(0) ?? 0
  const isSimple = upper.length === (code > 0xffff ? 2 : 1)
  return isSimple ? upper : String.fromCodePoint(code + iotaDistance(code))
}

/** From a small Greek letter with an iota below (or a title-case one: 0) to its simple upper case. */
function iotaDistance(code: number): number {
  if (code >= 0x1f80 && code <= 0x1faf && (code & 8) === 0) return 8
  return code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3 ? 9 : 0
}
