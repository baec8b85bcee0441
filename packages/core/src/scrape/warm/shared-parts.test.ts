import { expect, test } from 'vitest'
import { encodeUtf8 } from '../../model/bytes.js'
import { unknownMetadata } from '../../model/metadata.js'
import type { FamilyRun } from '../../model/packed-series-list.js'
import { type KnownLines, KnownLinesBuilder, type LineKind, lineKind } from '../../text/fast/known-lines.js'
import type { FamilyEvent } from './family-events.js'
import { SharedParts } from './shared-parts.js'

function linesOf(texts: readonly string[], kind: LineKind = lineKind.row): KnownLines {
  const builder = new KnownLinesBuilder()
  for (const text of texts) {
    const bytes = encodeUtf8(text)
    builder.add(bytes, { start: 0, end: bytes.length }, kind)
  }
  return builder.build()
}

test('equal lines are one object; others are not', () => {
  const parts = new SharedParts()
  const lines = parts.lines(linesOf(['a ', 'b ']))
  expect(parts.lines(linesOf(['a ', 'b ']))).toBe(lines)
  const others = [linesOf(['a ', 'c ']), linesOf(['a b ']), linesOf(['a ', 'b '], lineKind.dropped), linesOf(['a', ' b '])]
  for (const other of others) expect(parts.lines(other)).toBe(other)
})

test('lines that differ only in front of what is hashed are not taken for one another', () => {
  const parts = new SharedParts()
  const end = 'x'.repeat(1000)
  const first = parts.lines(linesOf([`a${end}`]))
  const second = linesOf([`b${end}`])
  expect(parts.lines(second)).toBe(second)
  expect(parts.lines(linesOf([`a${end}`]))).toEqual(first)
})

test('equal events are one object; others are not', () => {
  const parts = new SharedParts()
  const event: FamilyEvent = { line: 0, kind: 'type', name: 'a', type: 'gauge' }
  const events = parts.events([event])
  expect(parts.events([{ ...event }])).toBe(events)
  const others: FamilyEvent[][] = [[], [{ ...event, line: 1 }], [{ ...event, name: 'b' }], [{ ...event, type: 'counter' }], [event, event]]
  for (const other of others) expect(parts.events(other)).toBe(other)
})

test('equal families are one object; others are not', () => {
  const parts = new SharedParts()
  const metadata = unknownMetadata('a')
  const families = parts.families([{ metadata, end: 2 }])
  expect(parts.families([{ metadata, end: 2 }])).toBe(families)
  const others: FamilyRun[][] = [
    [],
    [{ metadata, end: 3 }],
    [{ metadata: unknownMetadata('b'), end: 2 }],
    [{ metadata: { ...metadata }, end: 2 }],
  ]
  for (const other of others) expect(parts.families(other)).toBe(other)
})

test('many that differ are all told apart', () => {
  const parts = new SharedParts()
  const all = Array.from({ length: 1000 }, (_, i) => parts.lines(linesOf([`a${i} `])))
  for (const [i, lines] of all.entries()) expect(parts.lines(linesOf([`a${i} `]))).toBe(lines)
})
