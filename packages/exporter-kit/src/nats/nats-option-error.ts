import { PromlineError } from '@promline/core'

/** An option that cannot be so: a PromlineError (`options`). */
export function invalid(option: string, problem: string): PromlineError {
  return new PromlineError('options', `NATS collector: ${option} ${problem}`, { facts: { option } })
}

/** For messages: `true or "detailed"`. */
export function oneOf(values: readonly (boolean | string)[]): string {
  return values.map((value) => JSON.stringify(value)).join(' or ')
}
