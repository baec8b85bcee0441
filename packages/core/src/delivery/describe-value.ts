/** Enough of a string to know it again. */
const maxQuoted = 100

/** A value that is not what it should be, in a message: strings quoted and cut, objects by their kind. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > maxQuoted ? `${value.slice(0, maxQuoted)}...` : value)
  if (value instanceof Promise) return 'a promise'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}
