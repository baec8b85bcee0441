/** Bytes of a timestamp in milliseconds between February 1971 and May 2109: what patched messages have room for. */
export const patchedTimestampBytes = 6

const min = 2 ** (7 * (patchedTimestampBytes - 1))
const max = 2 ** (7 * patchedTimestampBytes) - 1

/** Whether a timestamp takes exactly the bytes that patched messages have for it. */
export function fitsPatch(timestampMs: number): boolean {
  return Number.isInteger(timestampMs) && timestampMs >= min && timestampMs <= max
}

/** An int64 as a varint: 1 to 10 bytes, 10 where it is negative. One object serves message after message. */
export class TimestampBytes {
  readonly bytes: Uint8Array = new Uint8Array(10)
  length = 0
  #valueMs = Number.NaN

  /** @param value a safe integer. */
  set(value: number): void {
    if (value === this.#valueMs) return
    this.#valueMs = value
    const { bytes } = this
    let low = value >>> 0
    let high = Math.floor(value / 2 ** 32) >>> 0
    let length = 0
    while (high !== 0 || low > 0x7f) {
      bytes[length++] = (low & 0x7f) | 0x80
      low = ((low >>> 7) | (high << 25)) >>> 0
      high >>>= 7
    }
    bytes[length++] = low
    this.length = length
  }
}
