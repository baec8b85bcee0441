import { writeVarint, varintSize } from '@promline/core'

const labelNameTag = (1 << 3) | 2
const labelValueTag = (2 << 3) | 2

/**
 * Labels as repeated fields of messages, in bytes:
 *
 *     canonical encoding   varint(length of name) name                varint(length of value) value
 *     Label fields   tag size 0a varint(length of name) name          12 varint(length of value) value
 *
 * Both have the same parts, so the labels are copied without making strings, and without an object a label.
 */
export function labelFieldsSize(labels: Uint8Array): number {
  let size = 0
  for (let at = 0; at < labels.length; ) {
    const end = textEnd(labels, textEnd(labels, at))
    const inner = 2 + end - at
    size += 1 + varintSize(inner) + inner
    at = end
  }
  return size
}

/** Writes labels as repeated fields, and returns the offset after them. `target` has room for `labelFieldsSize` bytes. */
export function writeLabelFields(target: Uint8Array, offset: number, field: { readonly labels: Uint8Array; readonly tag: number }): number {
  const { labels, tag } = field
  for (let at = 0; at < labels.length; ) {
    const valueAt = textEnd(labels, at)
    const end = textEnd(labels, valueAt)
    target[offset++] = tag
    offset = writeVarint(target, offset, 2 + end - at)
    target[offset++] = labelNameTag
    while (at < valueAt) target[offset++] = labels[at++]!
    target[offset++] = labelValueTag
    while (at < end) target[offset++] = labels[at++]!
  }
  return offset
}

/** Where a text ends whose length stands at `at`, a varint. */
export function textEnd(labels: Uint8Array, at: number): number {
  let byte = labels[at++]!
  if (byte < 0x80) return at + byte
  let length = byte & 0x7f
  for (let shift = 7; byte >= 0x80; shift += 7) {
    byte = labels[at++]!
    length |= (byte & 0x7f) << shift
  }
  return at + length
}
