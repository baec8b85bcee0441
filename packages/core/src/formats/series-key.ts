import { decodeUtf8, encodeUtf8, varintSize, writeVarint } from '../model/bytes.js'
import { metricNameLabel, walkLabels } from '../model/labels.js'
import type { Series } from '../model/series.js'

/** Labels that tell the series of one histogram or summary apart. */
const withinGroup: ReadonlySet<string> = new Set([metricNameLabel, 'le', 'quantile'])

/**
 * What tells a group of series from others: the family's name and the labels without `le` and `quantile`, in the canonical encoding of
 * labels. One key for all series of a histogram, so that what is partitioned by it stays together and in order.
 */
export function seriesKey(series: Series, family: string): Uint8Array {
  const { bytes } = series.labels
  const name = encodeUtf8(family)
  const key = new Uint8Array(varintSize(name.length) + name.length + bytes.length)
  let to = writeVarint(key, 0, name.length)
  key.set(name, to)
  to += name.length
  let from = 0
  walkLabels(bytes, (place) => {
    if (!withinGroup.has(decodeUtf8(bytes, place.nameStart, place.nameEnd))) {
      key.set(bytes.subarray(from, place.valueEnd), to)
      to += place.valueEnd - from
    }
    from = place.valueEnd
    return true
  })
  return key.slice(0, to)
}
