import type { Batch } from '../../model/batch.js'
import type { Histogram } from '../../model/histogram.js'
import { createLabels } from '../../model/labels.js'
import { createSeriesList } from '../../model/series-list.js'
import { createDiskSpool } from '../disk-spool.js'
import { listOf, samplesOfList, seriesOf } from './batches.js'
import { ManualClock } from './manual-clock.js'

const plain: Histogram = {
  schema: 3,
  zeroThreshold: 2.938735877055719e-39,
  zeroCount: 2,
  count: 12,
  sum: 18.4,
  positiveSpans: [
    { offset: -3, length: 2 },
    { offset: 1, length: 1 },
  ],
  positiveDeltas: Float64Array.of(1, -2, 5),
  negativeSpans: [{ offset: 0, length: 1 }],
  negativeDeltas: Float64Array.of(3),
  resetHint: 'unknown',
}

const huge: Histogram = {
  schema: -53,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 2n ** 60n,
  sum: Number.NaN,
  positiveSpans: [{ offset: 0, length: 2 }],
  positiveDeltas: BigInt64Array.of(2n ** 59n, -(2n ** 54n)),
  negativeSpans: [],
  customValues: Float64Array.of(0.5, 1),
  resetHint: 'gauge',
}

const float: Histogram = {
  schema: 0,
  zeroThreshold: 0.001,
  zeroCount: 0.5,
  count: 3.25,
  sum: -0,
  positiveSpans: [{ offset: 2, length: 1 }],
  positiveCounts: Float64Array.of(1.25),
  negativeSpans: [{ offset: 0, length: 1 }],
  negativeCounts: Float64Array.of(1.5),
  resetHint: 'no',
}

const requests = createSeriesList([
  seriesOf('http_requests_total', { code: '200', path: '/' }, { type: 'counter', help: 'Requests, by code.', unit: '' }),
  seriesOf('http_requests_total', { code: '500', path: '/größe/日本' }, { type: 'counter', help: 'Requests, by code.', unit: '' }),
])
const latency = createSeriesList([1, 2, 3].map((i) => seriesOf('latency_seconds', { i: String(i) }, { type: 'histogram', unit: 'seconds' })))
const automatic = createSeriesList([seriesOf('up', { job: 'node' })], { automatic: true })

/** Wall clock when everything golden was appended. */
export const goldenMs = 1_700_000_000_000

/** What the golden files hold, batch by batch. Never changed: another version of the format gets golden files of its own. */
export const goldenBatches: readonly Batch[] = [
  {
    origin: {
      kind: 'target',
      id: 'node/host:9100',
      url: 'http://host:9100/metrics',
      targetLabels: createLabels({ instance: 'host:9100', job: 'node' }),
    },
    columns: [
      { kind: 'samples', series: requests, values: Float64Array.of(1027, 3), timestampMs: 1_700_000_000_000 },
      { kind: 'samples', series: automatic, values: Float64Array.of(1), timestampMs: 1_700_000_000_000 },
    ],
  },
  {
    origin: { kind: 'client', id: 'team-a@10.0.0.1', tenant: 'team-a' },
    columns: [
      {
        kind: 'samples',
        series: requests,
        values: Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY),
        timestampMs: Float64Array.of(1_700_000_000_001, 1_700_000_000_002),
        stale: Uint8Array.of(1, 0),
        startTimestampMs: Float64Array.of(Number.NaN, 1_699_999_999_000),
      },
      { kind: 'histograms', series: latency, histograms: [plain, huge, float], timestampMs: 1_700_000_000_003 },
      {
        kind: 'exemplars',
        series: requests,
        rows: Uint16Array.of(1, 1),
        exemplars: [
          { labels: createLabels({ trace_id: 'abc' }), value: 0.25, timestampMs: 1_700_000_000_000.5 },
          { labels: createLabels({}), value: -1 },
        ],
      },
    ],
  },
  { origin: { kind: 'topic', id: 'metrics/3' }, columns: Array.from({ length: 6 }, (_, i) => samplesOfList(listOf(`wide_${i}`, 40), i)) },
  { origin: { kind: 'registry', id: 'self' }, columns: [] },
]

const often = listOf('often', 3)

/** What only later golden files hold: entries of the dictionary that come again, large records, and what begins other segments. */
export const moreGoldenBatches: readonly Batch[] = [
  ...Array.from({ length: 40 }, (_, i): Batch => ({
    origin: { kind: 'target', id: 'node/other:9100', tenant: 'team-b' },
    columns: [samplesOfList(often, i)],
  })),
  { origin: { kind: 'target', id: 'large' }, columns: Array.from({ length: 12 }, (_, i) => samplesOfList(listOf(`large_${i}`, 60), i)) },
  ...Array.from({ length: 10 }, (_, i): Batch => ({ origin: { kind: 'client', id: 'last' }, columns: [samplesOfList(often, 100 + i)] })),
]

/** Writes all of it as this code does it, in small segments and records, and says where two sinks stand. */
export async function writeGolden(dir: string): Promise<void> {
  const spool = createDiskSpool({ dir, clock: new ManualClock(goldenMs), minFreeBytes: 0, segmentBytes: 8192, maxRecordBytes: 4096 })
  await spool.open()
  const sink = await spool.cursor({ name: 'sink', lanes: 2, overflow: 'block' })
  const wide = await spool.cursor({ name: 'wide', lanes: 20, overflow: 'block' })
  for (const batch of [...goldenBatches, ...moreGoldenBatches]) await spool.append(batch)
  sink.acknowledge(1, 3)
  for (let lane = 0; lane < 20; lane++) wide.acknowledge(lane, lane)
  await spool.close()
}
