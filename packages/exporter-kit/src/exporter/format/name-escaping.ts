import { isMetricName } from '../../registry/names.js'

/**
 * How names are written that are not of the old alphabet, `[a-zA-Z_:][a-zA-Z0-9_:]*`, for a client that may not know quotes. As
 * Prometheus does it: https://github.com/prometheus/common/blob/main/model/metric.go (EscapeName). Its docs differ in details; the code
 * counts.
 */
export const nameEscapings = ['allow-utf-8', 'underscores', 'dots', 'values'] as const

/** A way to write names. */
export type NameEscaping = (typeof nameEscapings)[number]

/** Whether a text is a way to write names, as the parameter `escaping` of a media type gives it. */
export function isNameEscaping(text: string | undefined): text is NameEscaping {
  return nameEscapings.some((escaping) => escaping === text)
}

/** A name of a metric or a label as this escaping writes it. */
export function escapeName(name: string, escaping: NameEscaping): string {
  switch (escaping) {
    case 'allow-utf-8':
      return name
    case 'underscores':
      return isMetricName(name) ? name : mapRunes(name, () => '_')
    case 'dots':
      return mapRunes(name.replaceAll('_', '__').replaceAll('.', '_dot_'), () => '__')
    case 'values':
      return isMetricName(name) ? name : `U__${mapRunes(name.replaceAll('_', '__'), (rune) => `_${rune.codePointAt(0)?.toString(16)}_`)}`
  }
}

/** Replaces what the old alphabet does not have; a digit in front is not of it either. */
function mapRunes(name: string, replace: (rune: string) => string): string {
  return Array.from(name, (rune, i) => (/[a-zA-Z_:]/.test(rune) || (i > 0 && /\d/.test(rune)) ? rune : replace(rune))).join('')
}
