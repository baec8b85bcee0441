import type { MetricMetadata, SeriesList } from '@promline/core'
import { saysSomething } from '../../batch/from-batches.js'

/** By list: the same object comes scrape after scrape. */
const byList = new WeakMap<SeriesList, readonly MetricMetadata[]>()

/** The metadata of a list's families, in the order of its series, each once; those of which nothing is known are left out. */
export function listMetadata(list: SeriesList): readonly MetricMetadata[] {
  const cached = byList.get(list)
  if (cached !== undefined) return cached
  const found = new Set<MetricMetadata>()
  for (let i = 0; i < list.length; i++) found.add(list.at(i).metadata)
  const metadata = [...found].filter(saysSomething)
  byList.set(list, metadata)
  return metadata
}
