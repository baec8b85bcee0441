import type { Labels } from '../model/labels.js'
import type { MetadataTable, MetricMetadata } from '../model/metadata.js'

/**
 * `strict` takes what expfmt and promtool take: for linting, and for what is pushed. `prometheus` takes what the scraper of Prometheus
 * 3.x takes, and normalises the values of `le` and `quantile` as it does. Neither is a subset of the other.
 *
 * Both were compared with the Go parsers by mutating pages. What those take by accident is refused on purpose, because it would give a
 * series that nobody meant: names in quotes without braces, without quotes in braces (`{a} 1`) or half in quotes; braces without a name,
 * which get the name of the line before; backslashes in a type; a NUL, which ends the page; blanks before a name, as a part of it.
 */
export type TextMode = 'strict' | 'prometheus'

export interface ParseTextOptions {
  readonly mode: TextMode
  /** Interns the metadata of the entries. Give the same table for every scrape of a target, so that equal metadata is one object. */
  readonly metadata?: MetadataTable
}

/** One sample line. */
export interface TextEntry {
  /**
   * With `__name__`. Independent of the body, which may change and go: a copy of a few bytes, in a piece of 16 KiB that entries share and
   * that stays in memory while one of them does. Who keeps few of many for long keeps `ownLabels(labels)`.
   */
  readonly labels: Labels
  /**
   * Names of labels that the line gives with an empty value, sorted; undefined where it gives none. They are none of `labels`, but under
   * honor_labels they keep a target's label of the same name away.
   */
  readonly emptyLabels: readonly string[] | undefined
  /** What the page has said of the family up to this line. */
  readonly metadata: MetricMetadata
  readonly value: number
  /** Undefined where the line has none. */
  readonly timestampMs: number | undefined
  /** Number of the line in the body, from 1. */
  readonly line: number
}
