import { isMetricName } from '../../registry/names.js'

/**
 * How names are written that are not of the old alphabet, `[a-zA-Z_:][a-zA-Z0-9_:]*` for metrics and the same without the colon for labels,
 * for a client that may not know quotes. Names of the old alphabet stay as they are, whatever the escaping. As Prometheus does it to an
 * exposition, but for the colon, which it leaves in labels:
 * https://github.com/prometheus/common/blob/main/model/metric.go (EscapeMetricFamily). Its docs differ in details; the code counts.
 */
export const nameEscapings = ['allow-utf-8', 'underscores', 'dots', 'values'] as const

/** A way to write names. */
export type NameEscaping = (typeof nameEscapings)[number]

/** Whether a text is a way to write names, as the parameter `escaping` of a media type gives it. */
export function isNameEscaping(text: string | undefined): text is NameEscaping {
  return nameEscapings.some((escaping) => escaping === text)
}

/** Whether a label's name is of the old alphabet: it needs no quotes. */
export function isPlainLabelName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)
}

/** The name of a family as this escaping writes it; what its series have behind that name is appended afterwards. */
export function escapeMetricName(name: string, escaping: NameEscaping): string {
  return isMetricName(name) ? name : escapeName(name, escaping, /[a-zA-Z_:]/)
}

/** The name of a label as this escaping writes it. */
export function escapeLabelName(name: string, escaping: NameEscaping): string {
  return isPlainLabelName(name) ? name : escapeName(name, escaping, /[a-zA-Z_]/)
}

/** @param letter what a name may begin with; digits may follow */
function escapeName(name: string, escaping: NameEscaping, letter: RegExp): string {
  const mapOthers = (text: string, replace: (rune: string) => string): string =>
    Array.from(text, (rune, i) => (letter.test(rune) || (i > 0 && /\d/.test(rune)) ? rune : replace(rune))).join('')
  switch (escaping) {
    case 'allow-utf-8':
      return name
    case 'underscores':
      return mapOthers(name, () => '_')
    case 'dots':
      return mapOthers(name.replaceAll('_', '__').replaceAll('.', '_dot_'), () => '__')
    case 'values':
      return `U__${mapOthers(name.replaceAll('_', '__'), (rune) => `_${rune.codePointAt(0)?.toString(16)}_`)}`
  }
}
