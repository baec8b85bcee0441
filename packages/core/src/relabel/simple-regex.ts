/**
 * The expressions that most rules have, without an engine: literals (`node`), alternations of literals (`up|scrape_.+` is not one,
 * `a|b|c` is), everything (`(.*)`, `.+`) and prefixes (`go_.*`), each bare, in one group, or with its tail in a group. What is not
 * recognised here goes to re2js, which is the oracle of the tests.
 */
import type { RelabelRegex } from './regex.js'

/** Characters that mean something in RE2: a literal may hold them escaped only. */
const special = new Set('\\.+*?()|[]{}^$')
/** What RE2 takes literally behind a backslash: ASCII punctuation and the space. */
const escapable = /[ -/:-@[-`{-~]/

/** A matcher for a simple expression, undefined for any other. */
export function compileSimpleRegex(source: string): RelabelRegex | undefined {
  const { body, captured } = unwrap(source)
  return compileLiterals(body, captured) ?? compilePrefix(body, captured)
}

/** Takes one pair of parentheses off that stands around everything. Where it does not, the body has a parenthesis and is refused later. */
function unwrap(source: string): { body: string; captured: boolean } {
  if (!source.startsWith('(') || !source.endsWith(')') || source.endsWith('\\)')) return { body: source, captured: false }
  return source.startsWith('(?:') ? { body: source.slice(3, -1), captured: false } : { body: source.slice(1, -1), captured: true }
}

function compileLiterals(body: string, captured: boolean): RelabelRegex | undefined {
  const literals = parseLiterals(body)
  if (literals === undefined) return undefined
  const known = new Set(literals)
  return simple(captured, (text) => (known.has(text) ? text : undefined))
}

function compilePrefix(body: string, captured: boolean): RelabelRegex | undefined {
  const tail = /(\()?\.([*+])(\))?$/.exec(body)
  if (tail === null || (tail[1] === undefined) !== (tail[3] === undefined)) return undefined
  const tailCaptured = tail[1] !== undefined
  if (captured && tailCaptured) return undefined
  const [prefix, ...others] = parseLiterals(body.slice(0, tail.index)) ?? []
  if (prefix === undefined || others.length > 0) return undefined
  const shortest = prefix.length + (tail[2] === '+' ? 1 : 0)
  const from = tailCaptured ? prefix.length : 0
  return simple(captured || tailCaptured, (text) => (text.length >= shortest && text.startsWith(prefix) ? text.slice(from) : undefined))
}

/** @param capture what the one group holds, undefined where the text does not match. */
function simple(captured: boolean, capture: (text: string) => string | undefined): RelabelRegex {
  return {
    groupCount: captured ? 1 : 0,
    groupIndex: () => undefined,
    test: (text) => capture(text) !== undefined,
    match(text) {
      const group = capture(text)
      if (group === undefined) return undefined
      return captured ? [text, group] : [text]
    },
  }
}

/** The literals of an alternation, without their escapes; undefined where anything else is in it. */
function parseLiterals(body: string): string[] | undefined {
  const literals = ['']
  for (let i = 0; i < body.length; i++) {
    const char = body[i]!
    if (char === '|') {
      literals.push('')
      continue
    }
    const escaped = char === '\\'
    const literal = escaped ? body[++i] : char
    if (literal === undefined || (escaped ? !escapable.test(literal) : special.has(literal))) return undefined
    literals[literals.length - 1] += literal
  }
  return literals
}
