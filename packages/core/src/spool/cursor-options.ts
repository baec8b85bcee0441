import { PromlineError } from '../model/errors.js'
import type { CursorOptions } from './spool.js'

/** Lanes are counted in 16 bits on the disk; a thousand are far more than any sink has use for. */
export const maxLanes = 1024

/** Throws a PromlineError (`options`) for a name or a number of lanes that cannot be. */
export function assertCursorOptions(options: CursorOptions): void {
  const { name, lanes, start = 'end' } = options
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    throw new PromlineError('options', `cursor ${JSON.stringify(name)}: a name has 1 to 64 letters, digits, _ and -`)
  }
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > maxLanes) {
    throw new PromlineError('options', `cursor ${name}: lanes must be an integer from 1 to ${maxLanes}, not ${lanes}`)
  }
  if (!['end', 'beginning'].includes(start)) {
    throw new PromlineError('options', `cursor ${name}: start must be end or beginning, not ${JSON.stringify(start)}`)
  }
}
