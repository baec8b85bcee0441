import { type SampleColumns, writeValueLE } from '@promline/core'

type Values = Pick<SampleColumns, 'values' | 'stale'>

/**
 * Writes values into their places, counted from the view's beginning: one store of a double each. NaN and staleness markers get Prometheus'
 * bits by halves, since an engine may change the payload of a NaN on its way; markers come in a second pass, which most columns do without.
 */
export function fillValues(view: DataView, places: Int32Array, { values, stale }: Values): void {
  for (let i = 0; i < values.length; i++) writeValue(view, places[i]!, values[i]!)
  if (stale === undefined) return
  for (let i = 0; i < values.length; i++) if (stale[i] === 1) writeMarker(view, places[i]!)
}

/** The same for places that are kept as distances: the first from `at`, each other one from the place before it. */
export function fillSteps(
  view: DataView,
  { at, steps }: { readonly at: number; readonly steps: Uint16Array },
  { values, stale }: Values,
): void {
  let place = at
  for (let i = 0; i < steps.length; i++) {
    place += steps[i]!
    writeValue(view, place, values[i]!)
  }
  if (stale === undefined) return
  place = at
  for (let i = 0; i < steps.length; i++) {
    place += steps[i]!
    if (stale[i] === 1) writeMarker(view, place)
  }
}

function writeValue(view: DataView, place: number, value: number): void {
  if (Number.isNaN(value)) writeValueLE(view, place, { value, stale: false })
  else view.setFloat64(place, value, true)
}

function writeMarker(view: DataView, place: number): void {
  writeValueLE(view, place, { value: Number.NaN, stale: true })
}
