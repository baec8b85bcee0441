import type { Family } from './family-table.js'
import type { FamilySample, MetricFamily } from './metric-family.js'
import { readFamilies, readPage } from './packed/page-reader.js'
import type { ParseTextOptions, TextEntry } from './text-entry.js'

/**
 * The Prometheus text exposition format, version 0.0.4, and 1.0.0, which adds quoted names:
 *
 *     body    = { line LF }
 *     line    = [ "# HELP" name text | "# TYPE" name type | "#" comment | sample ]
 *     sample  = name [ "{" labels "}" ] value [ timestamp ]  |  "{" quoted-name [ "," labels ] "}" value [ timestamp ]
 *     labels  = [ label { "," label } [ "," ] ]
 *     label   = ( name | quoted-name ) "=" quoted
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */

/**
 * Reads a body and hands each sample line to `onEntry`, in page order, what a scraper takes from it. A series that comes twice is
 * handed on twice. Throws a ParseError at the first line that is wrong: what was handed on before then is void.
 */
export function parseTextEntries(body: Uint8Array, options: ParseTextOptions, onEntry: (entry: TextEntry) => void): void {
  readPage(body, options, onEntry)
}

/** Reads a body into families in page order, those without samples among them. Throws a ParseError. */
export function parseTextFamilies(body: Uint8Array, options: ParseTextOptions): MetricFamily[] {
  const samples = new Map<Family, FamilySample[]>()
  const families = readFamilies(body, options, ({ labels, value, timestampMs }, family) => {
    const sample = { labels, value, timestampMs }
    const known = samples.get(family)
    if (known === undefined) samples.set(family, [sample])
    else known.push(sample)
  })
  return Array.from(families, (family) => ({ ...family.metadata, samples: samples.get(family) ?? [] }))
}
