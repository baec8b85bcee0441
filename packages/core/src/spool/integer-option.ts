import { PromlineError } from '../model/errors.js'

/** The least that makes sense where bytes are bounded: below, hardly a batch fits. */
export const minBoundBytes = 1024

/** Throws a PromlineError (`options`) where an option of a spool is no integer of its range. `of` begins the message: `memory spool`. */
export function assertIntegerOption(
  { of, name, value }: { readonly of: string; readonly name: string; readonly value: number },
  range: { readonly min: number; readonly max: number },
): void {
  if (Number.isSafeInteger(value) && value >= range.min && value <= range.max) return
  throw new PromlineError('options', `${of}: ${name} must be an integer from ${range.min} to ${range.max}, not ${value}`, {
    facts: { name, ...range },
  })
}
