import type { Batch, Columns, Origin } from '../../model/batch.js'
import type { Histogram } from '../../model/histogram.js'
import { createLabels } from '../../model/labels.js'
import { MetadataTable } from '../../model/metadata.js'
import { batchOf, samplesOf } from '../../model/samples.js'
import { createSeriesList } from '../../model/series-list.js'
import { SeriesTable } from '../../model/series-table.js'
import type { ReceivedSample } from './subject.js'

/** A whole second, so that formats of seconds carry it. */
export const startMs = 1_700_000_000_000

/** A batch of samples of one target. */
export function batchOfSamples(samples: readonly ReceivedSample[], origin: Partial<Origin> = {}): Batch {
  return batchOf(samples, { kind: 'target', id: 'a', ...origin })
}

/** Samples as the suite writes them. */
export function samplesOfBatches(batches: readonly Batch[]): ReceivedSample[] {
  return batches.flatMap((batch) =>
    Array.from(samplesOf(batch), ({ labels, value, timestampMs, stale }) => ({
      labels: labels.toObject(),
      value,
      timestampMs,
      ...(stale && { stale }),
    })),
  )
}

/**
 * Batches whose samples have values of their own: whole numbers that go up, so that every sample can be told apart wherever it arrives,
 * and stands in order where its series does.
 */
export class Material {
  #next = 0

  /** One scrape: series `contract_sample{i="0"}` and so on, of one target. Later ones are a second later each. */
  scrape(series: number, { id = 'a', tenant }: { readonly id?: string; readonly tenant?: string } = {}): Batch {
    const timestampMs = startMs + this.#next * 1_000
    const samples = Array.from({ length: series }, (_, i) => ({
      labels: { __name__: 'contract_sample', i: String(i), instance: id },
      value: this.#next++,
      timestampMs,
    }))
    return batchOfSamples(samples, { id, ...(tenant !== undefined && { tenant }) })
  }
}

/** Two scrapes with one list of series: what an encoder may remember of it must not tie their numbers together. */
export function twins(): readonly [Batch, Batch] {
  const first = new Material().scrape(20)
  const columns = first.columns.map(
    (one): Columns =>
      one.kind === 'samples' ? { ...one, values: one.values.map((value) => value + 1_000), timestampMs: startMs + 1_000_000 } : one,
  )
  return [first, { ...first, columns }]
}

/** Texts that some format somewhere takes for its own signs. */
const hostileTexts: readonly string[] = [
  'a "quoted" word',
  'back\\slash',
  'ends with a backslash\\',
  'comma, equals= space',
  'line\nfeed',
  'carriage\rreturn',
  'tab\there',
  '{"json":[1,null]}',
  '<b>&amp;</b>',
  '$1 %s %00',
  "'; drop table samples; --",
  'größer 日本語 👩‍🚀',
  '\u2028 \u0000 \u007f',
  ' leading and trailing ',
  'x'.repeat(10_000),
]

/** Values that no format may alter, one a series. */
export function hostileValues(): ReceivedSample[] {
  return hostileTexts.map((text, i) => ({
    labels: { __name__: 'contract_hostile', i: String(i), text },
    value: i,
    timestampMs: startMs,
  }))
}

/** Label names that are something else to JavaScript, or to a format. */
export function oddNames(): ReceivedSample[] {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'time', 'name', 'value', 'le', 'quantile', 'job', '_', 'A1']
  return names.map((name, i) => ({
    // A computed key: `__proto__` becomes a label, and not the prototype.
    labels: { __name__: 'contract_odd', i: String(i), [name]: '1' },
    value: i,
    timestampMs: startMs,
  }))
}

/** Numbers at the edges. */
export function oddNumbers(): ReceivedSample[] {
  const numbers = [0, -0, 0.1, 1 / 3, -1e-7, 1e21, 2 ** 53, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308]
  return [...numbers, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value, i) => ({
    labels: { __name__: 'contract_number', i: String(i) },
    value,
    timestampMs: startMs + 123,
  }))
}

/** Staleness markers among samples. */
export function staleOnes(): ReceivedSample[] {
  return Array.from({ length: 6 }, (_, i) => ({
    labels: { __name__: 'contract_stale', i: String(i) },
    value: i % 2 === 0 ? i : Number.NaN,
    timestampMs: startMs,
    ...(i % 2 === 1 && { stale: true }),
  }))
}

const histogram: Histogram = {
  schema: 0,
  zeroThreshold: 0.001,
  zeroCount: 1,
  count: 4,
  sum: 5,
  positiveSpans: [{ offset: 0, length: 2 }],
  positiveDeltas: Float64Array.of(2, -1),
  negativeSpans: [],
  resetHint: 'unknown',
}

/** Native histograms and exemplars, which few formats have. */
export function richBatch(): Batch {
  const described = new MetadataTable().intern({ name: 'contract_rich', type: 'histogram', help: 'Of the suite.', unit: '' })
  const table = new SeriesTable()
  const series = [0, 1].map((i) => table.intern(createLabels({ __name__: 'contract_rich', i: String(i) }), described, 0))
  const list = createSeriesList(series)
  const columns: readonly Columns[] = [
    { kind: 'histograms', series: list, histograms: [histogram, histogram], timestampMs: startMs },
    {
      kind: 'exemplars',
      series: list,
      rows: Uint16Array.of(0, 1),
      exemplars: [0, 1].map((i) => ({ labels: createLabels({ trace_id: String(i) }), value: i, timestampMs: startMs })),
    },
  ]
  return { origin: { kind: 'target', id: 'a' }, columns }
}
