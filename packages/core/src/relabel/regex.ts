import { RE2JS } from 're2js'
import { PromlineError } from '../model/errors.js'
import { rememberMatches } from './remember-matches.js'
import { compileSimpleRegex } from './simple-regex.js'

/** A compiled regular expression of a rule, anchored at both ends. */
export interface RelabelRegex {
  test(text: string): boolean
  /** The whole match, then the groups, '' for a group that took no part; undefined where the text does not match. */
  match(text: string): readonly string[] | undefined
  /** Number of groups, without the whole match. */
  readonly groupCount: number
  /** Index of a group by its name. */
  groupIndex(name: string): number | undefined
}

/**
 * Compiles a rule's expression as Prometheus does: RE2 syntax, anchored, the dot matches a newline. Runs in linear time whatever the
 * text. Throws a PromlineError (`relabel`). https://github.com/google/re2/wiki/Syntax
 */
export function compileRegex(source: string): RelabelRegex {
  return compileSimpleRegex(source) ?? rememberMatches(compileRe2(source))
}

/** The plain path: every expression, and the oracle of the simple ones. */
export function compileRe2(source: string): RelabelRegex {
  const re2 = compile(source)
  const names = re2.namedGroups()
  const groupCount = re2.groupCount()
  return {
    groupCount,
    groupIndex: (name) => (Object.hasOwn(names, name) ? names[name] : undefined),
    test: (text) => re2.test(text),
    match(text) {
      const matcher = re2.matcher(text)
      if (!matcher.find()) return undefined
      const groups: string[] = []
      for (let i = 0; i <= groupCount; i++) groups.push(matcher.group(i) ?? '')
      return groups
    },
  }
}

function compile(source: string): RE2JS {
  try {
    // The wrapping is Prometheus' own, character by character: what compiles there compiles here.
    return RE2JS.compile(`^(?s:${source})$`)
  } catch (error) {
    const reason = error instanceof Error && 'getDescription' in error ? describe(error) : String(error)
    throw new PromlineError('relabel', `regex ${JSON.stringify(source)} is not a valid RE2 expression: ${reason}`, {
      cause: error,
      facts: { field: 'regex' },
    })
  }
}

function describe(error: Error): string {
  return error.message.replace(/^error parsing regexp: /, '')
}
