/**
 * The staleness marker is the NaN with the bits 0x7ff0000000000002; an ordinary NaN is 0x7ff8000000000001.
 * V8 does not keep the payload of a NaN (arrays of doubles quiet it), so staleness travels as a flag, and these bits exist only where
 * bytes are read or written. https://prometheus.io/docs/specs/prw/remote_write_spec/#stale-markers
 */

/** Whether the two halves of a double are the staleness marker, in its own or in its quieted form (0x7ff8000000000002). */
export function isStaleBits(high: number, low: number): boolean {
  return low === 2 && (high === 0x7ff00000 || high === 0x7ff80000)
}

/** Writes a value as a little-endian double, with the exact bits of the marker or of Prometheus' ordinary NaN where it is one. */
export function writeValueLE(view: DataView, offset: number, sample: { value: number; stale: boolean }): void {
  if (!sample.stale && !Number.isNaN(sample.value)) {
    view.setFloat64(offset, sample.value, true)
    return
  }
  view.setUint32(offset, sample.stale ? 2 : 1, true)
  view.setUint32(offset + 4, sample.stale ? 0x7ff00000 : 0x7ff80000, true)
}
