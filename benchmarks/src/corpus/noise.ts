/** A number in [0, 1) that depends on its arguments alone: the same corpus on every machine, in whatever order it is made. */
export function noise(index: number, salt: number): number {
  // The mixing steps of mulberry32, over both arguments. https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
  let bits = Math.imul(index + 0x6d2b79f5, 0x9e3779b1) ^ Math.imul(salt + 0x85ebca6b, 0xc2b2ae35)
  bits = Math.imul(bits ^ (bits >>> 15), bits | 1)
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
  return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
}

/** A whole number, 0 <= result < below. */
export function noiseInteger(index: number, salt: number, below: number): number {
  return Math.floor(noise(index, salt) * below)
}

/** Lower-case hexadecimal digits. */
export function noiseHex(index: number, salt: number, digits: number): string {
  let text = ''
  for (let part = 0; text.length < digits; part++) {
    text += noiseInteger(index, salt + part * 7919, 0x1000000)
      .toString(16)
      .padStart(6, '0')
  }
  return text.slice(0, digits)
}
