import type { Batch, Counts, LineProtocolEncoder } from '@promline/core'
import type { Encoded } from '@promline/core/delivery'

/** What one write carries. */
export interface InfluxBody {
  /** Line protocol in UTF-8, each line ended by LF, timestamps in nanoseconds. */
  readonly lines: Uint8Array
  readonly counts: Counts
}

/** Batches as one write. Where nothing is left, a part without bytes says what was dropped. */
export function encodeInflux(
  batches: readonly Batch[],
  options: { readonly encoder: LineProtocolEncoder; readonly database: string },
): readonly Encoded<InfluxBody>[] {
  const { bytes: lines, counts, dropped } = options.encoder.encode(batches)
  if (lines.length === 0 && dropped.length === 0) return []
  return [{ part: options.database, body: { lines, counts }, bytes: lines.length, counts, ...(dropped.length > 0 && { dropped }) }]
}
