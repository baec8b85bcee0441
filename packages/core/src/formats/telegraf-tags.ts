import type { Origin } from '../model/batch.js'
import { type Labels, metricNameLabel } from '../model/labels.js'
import { labelPairs } from './label-pairs.js'

/** A tag: name and value, neither empty. */
export type InfluxTag = readonly [name: string, value: string]

/** What the scraper puts before a label of the page that has the name of one of the target's. */
export const exportedPrefix = 'exported_'

/** Tags that every row of a batch gets. */
export interface CommonTags {
  /** Name of the tag that holds the scraped address; '' for none. */
  readonly urlTag: string
  readonly url: string
  /** '' for none. */
  readonly host: string
  /** The labels that the scraper attached. */
  readonly target: ReadonlyMap<string, string>
}

/** The tags of all rows of an origin. @param options as in `TelegrafRowsOptions` */
export function commonTags(origin: Origin, options: { readonly urlTag?: string; readonly host?: string }): CommonTags {
  const target = new Map(origin.targetLabels === undefined ? [] : labelPairs(origin.targetLabels))
  return { urlTag: options.urlTag ?? 'url', url: stripUserInfo(origin.url ?? ''), host: options.host ?? '', target }
}

/**
 * The tags of a series, in no particular order, as Telegraf would have read them from the page itself: without the labels
 * that the scraper added, and with the names back that it changed to make room for them.
 *
 * @param without a label that is no tag: `le` of a histogram, `quantile` of a summary
 */
export function telegrafTags(labels: Labels, options: CommonTags & { without: string | undefined }): InfluxTag[] {
  const tags = new Map<string, string>()
  const ofTarget: string[] = []
  let hasExported = false
  for (const [name, value] of labelPairs(labels)) {
    const ofTargetValue = options.target.get(name)
    if (ofTargetValue !== undefined) ofTarget.push(name)
    if (name === metricNameLabel || name === options.without || ofTargetValue === value) continue
    tags.set(name, value)
    hasExported ||= name.startsWith(exportedPrefix)
  }
  if (hasExported) for (const name of ofTarget) restoreExported(tags, name)
  // Telegraf's input writes the address over a label of that name; the host gives way to one.
  if (options.urlTag !== '' && options.url !== '') tags.set(options.urlTag, options.url)
  if (options.host !== '' && !tags.has('host')) tags.set('host', options.host)
  return [...tags]
}

/** Undoes the scraper's renaming for a label of the target that stands in the series. */
function restoreExported(tags: Map<string, string>, name: string): void {
  if (tags.has(name)) return
  // A page that has `exported_x` beside `x` gets `exported_exported_x`: the longest name is the one that was changed.
  let exported: string | undefined
  for (let longer = exportedPrefix + name; tags.has(longer); longer = exportedPrefix + longer) exported = longer
  if (exported === undefined) return
  tags.set(name, tags.get(exported) ?? '')
  tags.delete(exported)
}

/** An address without the user and password that it may hold, otherwise unchanged: what Telegraf's `url` tag says. */
export function stripUserInfo(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1')
}
