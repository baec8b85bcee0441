import type { Batch, Origin } from '../../model/batch.js'
import { encodeUtf8 } from '../../model/bytes.js'
import { batchOf, type SampleInput } from '../../model/samples.js'
import { parseTextEntries } from '../../text/parse-text.js'

/** A page as the scraper would hand it on, without target labels and automatic series. */
export function pageBatch(page: string, options: { nowMs: number; origin?: Partial<Origin> }): Batch {
  const samples: SampleInput[] = []
  parseTextEntries(encodeUtf8(page), { mode: 'prometheus' }, ({ labels, metadata, value, timestampMs }) => {
    samples.push({ labels, metadata, value, timestampMs: timestampMs ?? options.nowMs })
  })
  return batchOf(samples, { kind: 'target', id: 'page', ...options.origin })
}
