import { type Labels, metricNameLabel } from '../model/labels.js'
import { type MetricMetadata, unknownMetadata } from '../model/metadata.js'

/**
 * The metadata of a series whose labels were relabelled. Where the metric has a new name so has its family: the new name without the
 * suffix (`_bucket`, `_sum`) that the old one had, which is how a family that is renamed as a whole stays one. Where the suffix is gone
 * the series is a family of its own, of unknown type.
 */
export function renameMetadata(metadata: MetricMetadata, before: Labels, after: Labels): MetricMetadata {
  return renameFamily(metadata, { from: before.get(metricNameLabel) ?? '', to: after.get(metricNameLabel) ?? '' })
}

/** The same by the metric's two names, '' for none. */
export function renameFamily(metadata: MetricMetadata, { from, to }: { readonly from: string; readonly to: string }): MetricMetadata {
  if (from === to) return metadata
  const suffix = from.startsWith(metadata.name) ? from.slice(metadata.name.length) : undefined
  if (suffix === undefined || !to.endsWith(suffix) || to.length === suffix.length) return unknownMetadata(to)
  return { ...metadata, name: to.slice(0, to.length - suffix.length) }
}
