import { encodeUtf8, type MetricMetadata, varintSize, writeVarint } from '@promline/core'
import { metricTypeNumber } from './metric-type.js'

const metadataTag = (3 << 3) | 2
const typeTag = 1 << 3
const nameTag = (2 << 3) | 2
const helpTag = (4 << 3) | 2
const unitTag = (5 << 3) | 2

/**
 * Metadata as fields of a WriteRequest: `1a size { type = 1;  metric_family_name = 2;  help = 4;  unit = 5; }` each. What is empty is left out, as
 * proto3 does.
 */
export function metadataFields(all: readonly MetricMetadata[]): Uint8Array {
  return Buffer.concat(all.map(metadataField))
}

function metadataField({ type, name, help, unit }: MetricMetadata): Uint8Array {
  const number = metricTypeNumber(type)
  const parts: Uint8Array[] = number > 0 ? [Uint8Array.of(typeTag, number)] : []
  for (const [tag, text] of [
    [nameTag, name],
    [helpTag, help],
    [unitTag, unit],
  ] as const) {
    if (text !== '') parts.push(sizedField(tag, encodeUtf8(text)))
  }
  return sizedField(metadataTag, Buffer.concat(parts))
}

/** A field of so many bytes. */
function sizedField(tag: number, content: Uint8Array): Uint8Array {
  const field = new Uint8Array(1 + varintSize(content.length) + content.length)
  field[0] = tag
  field.set(content, writeVarint(field, 1, content.length))
  return field
}
