import type { RelabelRegex } from './regex.js'

/** A target's series share most values (`instance`, `job`): a thousand are enough to find them again, and some 100 KB at most. */
const maxEntries = 1_000
/** Longer texts are rarely seen twice. */
const maxLength = 256

/** The same expression, with its last matches remembered: a look-up costs a hundredth of a match with groups. */
export function rememberMatches(regex: RelabelRegex): RelabelRegex {
  const tests = new Map<string, boolean>()
  const matches = new Map<string, readonly string[] | undefined>()
  return {
    groupCount: regex.groupCount,
    groupIndex: (name) => regex.groupIndex(name),
    test: (text) => tests.get(text) ?? remember(tests, text, regex.test(text)),
    match: (text) => (matches.has(text) ? matches.get(text) : remember(matches, text, regex.match(text))),
  }
}

/** Forgets everything where it is full: what is still in use comes back at once, and there is no order to keep. */
function remember<T>(known: Map<string, T>, text: string, result: T): T {
  if (text.length > maxLength) return result
  if (known.size >= maxEntries) known.clear()
  known.set(text, result)
  return result
}
