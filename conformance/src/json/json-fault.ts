/** Where a text stops being JSON, and why. */
export interface JsonFault {
  readonly line: number
  /** In code points. */
  readonly column: number
  readonly message: string
}

/** What has to come next; `next` is what follows an element or a member. */
type State = 'value' | 'element' | 'member' | 'name' | 'colon' | 'next' | 'end'
type Closer = '}' | ']'

interface Token {
  readonly kind: Closer | '{' | '[' | ':' | ',' | 'string' | 'scalar' | 'end' | 'unknown'
  readonly end: number
  /** Of a string that does not come to its end: it stops at `end`. */
  readonly broken?: true
}

const blanks = /[ \t\n\r]*/y
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
/** What stands for itself in a string: no quote, no backslash, no control character. */
const plain = /[ !#-[\]-\u{10ffff}]*/uy
const escaped = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y
/** What an error quotes. */
const word = /\\?[^\s,:"[\]{}\\]{1,20}|./suy

/**
 * Finds the first place where a text is not JSON; undefined where it is. JSON.parse names the place only sometimes, and each version of V8
 * has its own words. https://www.rfc-editor.org/rfc/rfc8259
 */
export function findJsonFault(text: string): JsonFault | undefined {
  const closers: Closer[] = []
  let state: State = 'value'
  let at = matchEnd(blanks, text, 0)
  for (;;) {
    const token = tokenAt(text, at)
    if (state === 'end' && token.kind === 'end') return undefined
    const next = step(state, token.kind, closers)
    if (next === undefined) return faultAt(text, at, expectation(state, closers))
    if (token.broken) return faultAt(text, token.end, 'the end of a string')
    state = next
    at = matchEnd(blanks, text, token.end)
  }
}

function tokenAt(text: string, at: number): Token {
  const char = text[at]
  if (char === undefined) return { kind: 'end', end: at }
  if (char === '{' || char === '}' || char === '[' || char === ']' || char === ':' || char === ',') return { kind: char, end: at + 1 }
  if (char !== '"') {
    const end = matchEnd(scalar, text, at)
    return { kind: end > at ? 'scalar' : 'unknown', end }
  }
  const end = stringEnd(text, at)
  return text[end] === '"' ? { kind: 'string', end: end + 1 } : { kind: 'string', end, broken: true }
}

/** Where a string ends, or what must not be in it begins. One expression for all of it would overflow the stack on long strings. */
function stringEnd(text: string, start: number): number {
  let at = start + 1
  for (;;) {
    const end = matchEnd(plain, text, at)
    at = matchEnd(escaped, text, end)
    if (at === end) return end
  }
}

/** What comes after a token; undefined where the token must not be there. */
function step(state: State, kind: Token['kind'], closers: Closer[]): State | undefined {
  if (kind === closers.at(-1) && (state === 'element' || state === 'member' || state === 'next')) {
    closers.pop()
    return afterValue(closers)
  }
  if (state === 'value' || state === 'element') {
    if (kind === 'string' || kind === 'scalar') return afterValue(closers)
    if (kind !== '{' && kind !== '[') return undefined
    closers.push(kind === '{' ? '}' : ']')
    return kind === '{' ? 'member' : 'element'
  }
  if (state === 'member' || state === 'name') return kind === 'string' ? 'colon' : undefined
  if (state === 'colon') return kind === ':' ? 'value' : undefined
  if (state === 'next' && kind === ',') return closers.at(-1) === '}' ? 'name' : 'value'
  return undefined
}

function afterValue(closers: readonly Closer[]): State {
  return closers.length === 0 ? 'end' : 'next'
}

function expectation(state: State, closers: readonly Closer[]): string {
  if (state === 'value') return 'a value'
  if (state === 'element') return 'a value or "]"'
  if (state === 'member') return 'a name or "}"'
  if (state === 'name') return 'a name'
  if (state === 'colon') return '":"'
  return state === 'next' ? `"," or "${closers.at(-1)}"` : 'the end'
}

function faultAt(text: string, at: number, expected: string): JsonFault {
  const lines = text.slice(0, at).split('\n')
  const quoted = text[at] === '"' ? 'a string' : JSON.stringify(text.slice(at, matchEnd(word, text, at)))
  const found = at === text.length ? 'the end' : quoted
  return { line: lines.length, column: Array.from(lines.at(-1)!).length + 1, message: `expected ${expected}, found ${found}` }
}

/** Where what a sticky expression matches at a place ends; the place itself where it does not match. */
function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}
