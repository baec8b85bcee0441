import { PromlineError } from '../model/errors.js'
import { isSinkName } from '../model/sink-name.js'
import type { CursorOptions } from './spool.js'

/** Lanes are counted in 16 bits on the disk; a thousand are far more than any sink has use for. */
export const maxLanes = 1024

/** Throws a PromlineError (`options`) for what cannot be. */
export function assertCursorOptions(options: CursorOptions): void {
  const { name, lanes } = options
  if (!isSinkName(name)) {
    throw new PromlineError('options', `cursor ${JSON.stringify(name)}: a name has 1 to 64 letters, digits, _ and -`)
  }
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > maxLanes) {
    throw new PromlineError('options', `cursor ${name}: lanes must be an integer from 1 to ${maxLanes}, not ${lanes}`)
  }
  assertCursorWords(options)
}

/** The words' part of it: without one of the two for `overflow` a cursor would have no cap. */
export function assertCursorWords({ name, overflow, start = 'end' }: Pick<CursorOptions, 'name' | 'overflow' | 'start'>): void {
  if (!['block', 'drop-oldest'].includes(overflow)) {
    throw new PromlineError('options', `cursor ${name}: overflow must be block or drop-oldest, not ${JSON.stringify(overflow)}`)
  }
  if (!['end', 'beginning'].includes(start)) {
    throw new PromlineError('options', `cursor ${name}: start must be end or beginning, not ${JSON.stringify(start)}`)
  }
}
