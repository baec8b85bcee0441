import { type SampleColumns, writeValueLE } from '@promline/core'

/**
 * Writes values into their places, counted from the view's beginning: one store of a double each. NaN and staleness markers get Prometheus'
 * bits by halves, since an engine may change the payload of a NaN on its way.
 */
export function fillValues(view: DataView, places: Int32Array, { values, stale }: Pick<SampleColumns, 'values' | 'stale'>): void {
  for (let i = 0; i < places.length; i++) {
    const value = values[i]!
    if (Number.isNaN(value)) writeValueLE(view, places[i]!, { value, stale: false })
    else view.setFloat64(places[i]!, value, true)
  }
  if (stale === undefined) return
  for (let i = 0; i < places.length; i++) {
    if (stale[i] === 1) writeValueLE(view, places[i]!, { value: Number.NaN, stale: true })
  }
}
