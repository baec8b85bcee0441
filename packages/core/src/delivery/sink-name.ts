import { PromlineError } from '../model/errors.js'

/** A sink's name is also a file's name and a label's value. Throws a PromlineError `options`. */
export function assertSinkName(name: string): void {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(name)) return
  throw new PromlineError('options', `sink name ${JSON.stringify(name)} is not 1 to 64 letters, digits, "-" and "_"`, { facts: { name } })
}
