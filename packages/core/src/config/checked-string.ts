import type { SectionParser } from './config-node.js'

/** A parser of a text that passes a check of options; the PromlineError of the check becomes a ConfigError at the place of the text. */
export function checkedString(check: (text: string) => void): SectionParser<string> {
  return (node) => {
    const text = node.string()
    node.attempt(() => check(text))
    return text
  }
}
