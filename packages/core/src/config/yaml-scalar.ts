import { Scalar } from 'yaml'

const empty = new Set(['', '~', 'null', 'Null', 'NULL'])
const booleans = new Map([
  ...['true', 'True', 'TRUE', 'yes', 'Yes', 'YES', 'y', 'Y', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE', 'no', 'No', 'NO', 'n', 'N', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
])

/** Whether a scalar is YAML's null rather than a text: quotes make a text of anything. */
export function isEmptyScalar(scalar: Scalar): boolean {
  return scalar.type === Scalar.PLAIN && empty.has(textOf(scalar))
}

/** The text of a scalar. */
export function textOf(scalar: Scalar): string {
  return typeof scalar.value === 'string' ? scalar.value : ''
}

/** YAML 1.1's booleans, which Prometheus reads. */
export function parseBoolean(text: string): boolean | undefined {
  return booleans.get(text)
}

/** Decimal, with the underscores that YAML 1.1 allows. No leading zero, which YAML 1.1 takes for octal. */
export function parseInteger(text: string): number | undefined {
  if (!/^[-+]?(?:0|[1-9][\d_]*)$/.test(text)) return undefined
  const value = Number(text.replaceAll('_', ''))
  return Number.isSafeInteger(value) ? value : undefined
}
