/** Whether a name can be a sink's, which is also a file's name and a label's value: 1 to 64 letters, digits, `_` and `-`. */
export function isSinkName(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(name)
}
