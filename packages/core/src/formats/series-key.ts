import { encodeUtf8, standsAt, varintSize, writeVarint } from '../model/bytes.js'
import { type LabelPlace, metricNameLabel, walkLabels } from '../model/labels.js'
import type { Series } from '../model/series.js'

const metricName = encodeUtf8(metricNameLabel)
const bounds: Readonly<Record<'le' | 'quantile', Uint8Array>> = { le: encodeUtf8('le'), quantile: encodeUtf8('quantile') }

/**
 * What to partition by: the family's name and the labels without `le` and `quantile`, in the canonical encoding of labels. One key for
 * all series of a histogram or summary, so that they stay together and in order.
 */
export function seriesKey(series: Series, family: string): Uint8Array {
  return keyWithout(series, family, [metricName, bounds.le, bounds.quantile])
}

/** What the series of one histogram or summary share, and no other has: their family and labels without the bound's. */
export function groupKey(series: Series, family: string, bound: 'le' | 'quantile'): string {
  return Buffer.from(keyWithout(series, family, [metricName, bounds[bound]])).toString('latin1')
}

function keyWithout(series: Series, family: string, without: readonly Uint8Array[]): Uint8Array {
  const { bytes } = series.labels
  const name = encodeUtf8(family)
  const key = new Uint8Array(varintSize(name.length) + name.length + bytes.length)
  let to = writeVarint(key, 0, name.length)
  key.set(name, to)
  to += name.length
  let from = 0
  walkLabels(bytes, (place) => {
    if (!without.some((left) => isName(bytes, place, left))) {
      key.set(bytes.subarray(from, place.valueEnd), to)
      to += place.valueEnd - from
    }
    from = place.valueEnd
    return true
  })
  return key.slice(0, to)
}

/** Compares bytes: a string for every label would cost more than all the rest. */
function isName(bytes: Uint8Array, { nameStart, nameEnd }: LabelPlace, name: Uint8Array): boolean {
  return nameEnd - nameStart === name.length && standsAt(name, bytes, nameStart)
}
