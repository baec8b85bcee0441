import type { Origin } from '../model/batch.js'
import type { ViewRange } from '../model/byte-range.js'
import type { MetricMetadata } from '../model/metadata.js'
import type { RecordWriter } from './record-writer.js'
import { type ListPlace, seriesIdAt } from './series-index.js'

/**
 * What columns refer to, written once per segment. Version 1 of the payloads; `text` and `labels` are varint length and bytes:
 *
 *   origins := (varint id | u8 kind | u8 present: 1 url, 2 tenant, 4 target labels | text id | [text url] | [text tenant] | [labels])*
 *   series  := (u8 1 | varint metadata id | u8 type | text name | text help | text unit                     metadata
 *             | u8 2 | varint series id | varint metadata id | labels)*                                     series
 *   lists   := (varint id | u8 automatic | varint length | signed varint (series id - the one before)*)*
 *
 * kind: index in originKinds; type: index in metricTypes. Ids are given out in order and never twice in a segment. An entry may come
 * again, unchanged: then it costs only the columns between if the first one is damaged.
 */
export const originKinds = ['target', 'client', 'registry', 'topic'] as const
export const metricTypes = ['unknown', 'counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset'] as const
export const seriesEntry = { metadata: 1, series: 2 } as const
export const originField = { url: 1, tenant: 2, targetLabels: 4 } as const

/** An entry of an origins record. */
export function encodeOrigin(writer: RecordWriter, id: number, origin: Origin): void {
  writer.varint(id)
  writer.indexIn(originKinds, origin.kind, 'an origin of kind')
  writer.uint8(
    (origin.url === undefined ? 0 : originField.url) |
      (origin.tenant === undefined ? 0 : originField.tenant) |
      (origin.targetLabels === undefined ? 0 : originField.targetLabels),
  )
  writer.text(origin.id)
  if (origin.url !== undefined) writer.text(origin.url)
  if (origin.tenant !== undefined) writer.text(origin.tenant)
  if (origin.targetLabels !== undefined) writer.sized(origin.targetLabels.bytes)
}

/** The metadata of a family: an entry of a series record, before the series that refer to it. */
export function encodeMetadata(writer: RecordWriter, id: number, metadata: MetricMetadata): void {
  writer.uint8(seriesEntry.metadata)
  writer.varint(id)
  writer.indexIn(metricTypes, metadata.type, 'metadata of type')
  writer.text(metadata.name)
  writer.text(metadata.help)
  writer.text(metadata.unit)
}

/** A series: an entry of a series record. Its labels are copied as they are packed. */
export function encodeSeries(
  writer: RecordWriter,
  series: { readonly id: number; readonly metadataId: number; readonly labels: ViewRange },
): void {
  writer.uint8(seriesEntry.series)
  writer.varint(series.id)
  writer.varint(series.metadataId)
  writer.sizedPart(series.labels)
}

/** An entry of a lists record, whose series were encoded before. */
export function encodeList(writer: RecordWriter, id: number, list: { readonly place: ListPlace; readonly automatic: boolean }): void {
  const { place, automatic } = list
  writer.varint(id)
  writer.uint8(automatic ? 1 : 0)
  writer.varint(place.length)
  let previous = 0
  for (let i = 0; i < place.length; i++) {
    const seriesId = seriesIdAt(place, i)
    writer.signedVarint(seriesId - previous)
    previous = seriesId
  }
}
