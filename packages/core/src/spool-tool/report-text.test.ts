import { describe, expect, it } from 'vitest'
import { plural } from './plural.js'
import { reportText } from './report-text.js'

const counts = { samples: 1, histograms: 0, exemplars: 0 }
const report = {
  dir: '/spool',
  ownerPid: null,
  bytes: 100,
  firstSeq: 4,
  head: 4,
  ageSeconds: 1,
  batches: 1,
  counts,
  unreadableBatches: 1,
  cursors: [],
  segments: [
    { name: 's', version: 1, header: 'good', createdMs: null, firstSeq: 4, lastSeq: 4, bytes: 9, damagedRecords: 1, trailingBytes: 1 },
  ],
  badFiles: [],
} as const

describe('reportText()', () => {
  it('has the singular of everything', () => {
    expect(reportText(report).replaceAll(/ +/g, ' ').split('\n')).toEqual([
      'spool /spool: not open, 100 bytes, 1 batch (4 to 4), 1 sample, oldest 1.0 s',
      '',
      'no sink has a place here',
      '',
      'segment version last bytes created damage',
      's 1 4 9 ? 1 damaged record, 1 byte at the end that is no batch',
      '',
      '1 batch cannot be read: its entry in the dictionary is damaged',
      '',
    ])
  })

  it('has the plural', () => {
    expect(reportText({ ...report, batches: 2, counts: { ...counts, samples: 5 }, unreadableBatches: 2 })).toMatch(
      /2 batches \(4 to 4\), 5 samples, .*2 batches cannot be read: their entries in the dictionary are damaged/s,
    )
  })
})

it.each([
  [0, '0 batches'],
  [1, '1 batch'],
  [2, '2 batches'],
])('the noun of %d', (count, text) => {
  expect(plural(count, 'batch', 'batches')).toBe(text)
})
