import { describe, expect, it } from 'vitest'
import type { Batch, Columns, Counts } from '../model/batch.js'
import type { Histogram } from '../model/histogram.js'
import { createLabels, type LabelsInput } from '../model/labels.js'
import { unknownMetadata } from '../model/metadata.js'
import { samplesOf } from '../model/samples.js'
import type { Series } from '../model/series.js'
import { createSeriesList, type SeriesList } from '../model/series-list.js'
import type { RelabelConfig } from './relabel-config.js'
import { relabelTransform } from './relabel-transform.js'

function seriesOf(labels: Record<string, string>): Series {
  return { labels: createLabels(labels), metadata: unknownMetadata(labels['__name__'] ?? '') }
}

const list = createSeriesList([
  seriesOf({ __name__: 'a', x: '1' }),
  seriesOf({ __name__: 'b', x: '2' }),
  seriesOf({ __name__: 'c', x: '3' }),
])
const other = createSeriesList([seriesOf({ __name__: 'd' })])
const automatic = createSeriesList([seriesOf({ __name__: 'up' })], { automatic: true })

function samples(series: SeriesList, timestampMs: number | Float64Array = 1_000): Columns {
  return { kind: 'samples', series, values: Float64Array.from({ length: series.length }, (_, i) => i + 1), timestampMs }
}

function batch(...columns: readonly Columns[]): Batch {
  return { origin: { kind: 'registry', id: 'test' }, columns }
}

interface Outcome {
  readonly after: Batch
  readonly dropped: readonly (readonly [string, Counts])[]
}

function run(before: Batch, configs: readonly RelabelConfig[], externalLabels: LabelsInput = {}): Outcome {
  const dropped: [string, Counts][] = []
  const after = relabelTransform(configs, { externalLabels })(before, (reason, counts) => dropped.push([reason, counts]))
  return { after, dropped }
}

const dropB: RelabelConfig = { sourceLabels: ['__name__'], regex: 'b', action: 'drop' }
const dropAll: RelabelConfig = { action: 'drop' }
const setX: RelabelConfig = { targetLabel: 'x', replacement: 'same' }

function textOf(series: Series): string {
  return JSON.stringify(series.labels.toObject())
}

describe('relabelTransform()', () => {
  it('gives the same batch back where nothing changes', () => {
    const before = batch(samples(list), samples(other))
    expect(run(before, [{ ...dropB, regex: 'nothing' }])).toEqual({ after: before, dropped: [] })
    expect(run(before, []).after).toBe(before)
  })

  it('leaves dropped rows out and says how many', () => {
    const { after, dropped } = run(batch(samples(list), samples(other)), [dropB])
    expect([...samplesOf(after)].map((sample) => [sample.labels.get('__name__'), sample.value])).toEqual([
      ['a', 1],
      ['c', 3],
      ['d', 1],
    ])
    expect(after.columns[1]?.series).toBe(other)
    expect(dropped).toEqual([['relabel', { samples: 1, histograms: 0, exemplars: 0 }]])
  })

  it('leaves columns out that have no row left', () => {
    const { after, dropped } = run(batch(samples(list)), [dropAll])
    expect(after.columns).toEqual([])
    expect(dropped).toEqual([['relabel', { samples: 3, histograms: 0, exemplars: 0 }]])
  })

  it('shares what did not move', () => {
    const columns = samples(list)
    const { after, dropped } = run(batch(columns), [setX])
    expect(after.columns[0]).toEqual({ ...columns, series: after.columns[0]?.series })
    expect(after.columns[0]).toHaveProperty('values', columns.kind === 'samples' ? columns.values : undefined)
    expect(dropped).toEqual([])
  })

  it('gives the same list for the same list, and equal series for equal ones', () => {
    const transform = relabelTransform([setX, dropB])
    const twin = createSeriesList([seriesOf({ __name__: 'a', x: 'other' })])
    const ignore = (): void => {}
    const [first] = transform(batch(samples(list)), ignore).columns
    const [second, third] = transform(batch(samples(list, 2_000), samples(twin)), ignore).columns
    expect(second?.series).toBe(first?.series)
    expect(third?.series.at(0).labels.equals(createLabels({ __name__: 'a', x: 'same' }))).toBe(true)
  })

  it('keeps automatic lists automatic, and relabels them', () => {
    const { after } = run(batch(samples(automatic)), [setX])
    expect(after.columns[0]?.series.automatic).toBe(true)
    expect(after.columns[0]?.series.at(0).labels.toObject()).toEqual(createLabels({ __name__: 'up', x: 'same' }).toObject())
  })

  it('keeps series that become equal', () => {
    const { after } = run(batch(samples(list)), [setX, { targetLabel: '__name__', replacement: 'one' }])
    expect([...samplesOf(after)].map((sample) => sample.value)).toEqual([1, 2, 3])
    const [first, , third] = [0, 1, 2].map((row) => after.columns[0]!.series.at(row))
    expect(first).toEqual(third)
    expect(first?.metadata).toBe(third?.metadata)
  })

  it('gathers timestamps, marks and starts by row', () => {
    const columns: Columns = {
      kind: 'samples',
      series: list,
      values: Float64Array.of(1, Number.NaN, 3),
      timestampMs: Float64Array.of(10, 20, 30),
      stale: Uint8Array.of(0, 1, 1),
      startTimestampMs: Float64Array.of(1, 2, Number.NaN),
    }
    expect(run(batch(columns), [dropB]).after.columns[0]).toMatchObject({
      values: Float64Array.of(1, 3),
      timestampMs: Float64Array.of(10, 30),
      stale: Uint8Array.of(0, 1),
      startTimestampMs: Float64Array.of(1, Number.NaN),
    })
  })

  it('gathers histograms and exemplars', () => {
    const histograms: readonly Histogram[] = [1, 2, 3].map((sum) => ({
      schema: 0,
      zeroThreshold: 0,
      zeroCount: 0,
      count: 0,
      sum,
      positiveSpans: [],
      negativeSpans: [],
      resetHint: 'unknown',
    }))
    const exemplars = [1, 2, 3, 4].map((value) => ({ labels: createLabels({ trace: `${value}` }), value }))
    const before = batch(
      { kind: 'histograms', series: list, histograms, timestampMs: 5 },
      { kind: 'exemplars', series: list, rows: Uint16Array.of(0, 1, 2, 2), exemplars },
    )
    const { after, dropped } = run(before, [dropB])
    expect(after.columns).toMatchObject([
      { kind: 'histograms', histograms: [histograms[0], histograms[2]], timestampMs: 5 },
      { kind: 'exemplars', rows: Uint16Array.of(0, 1, 1), exemplars: [exemplars[0], exemplars[2], exemplars[3]] },
    ])
    expect(after.columns[0]?.series).toBe(after.columns[1]?.series)
    expect(dropped).toEqual([['relabel', { samples: 0, histograms: 1, exemplars: 1 }]])
  })

  it('adds external labels where absent, before the rules', () => {
    const before = batch(samples(list))
    const { after } = run(before, [{ sourceLabels: ['cluster', 'x'], targetLabel: 'id' }], { cluster: 'eu', x: 'external' })
    expect(textOf(after.columns[0]!.series.at(1))).toBe('{"__name__":"b","cluster":"eu","id":"eu;2","x":"2"}')
  })

  it('keeps a list whose series have the external labels already', () => {
    const before = batch(samples(list))
    expect(run(before, [], { x: 'external' }).after).toBe(before)
  })

  it('keeps the one metadata object of a family of which some series change', () => {
    const metadata = unknownMetadata('h')
    const series = ['1', '2'].map((x) => ({ labels: createLabels({ __name__: 'h', x }), metadata }))
    const rule: RelabelConfig = { sourceLabels: ['x'], regex: '1', targetLabel: 'x', replacement: 'one' }
    const after = run(batch(samples(createSeriesList(series))), [rule]).after.columns[0]!.series
    expect([after.at(0).metadata, after.at(1).metadata]).toEqual([metadata, metadata])
    expect(after.at(0).metadata).toBe(after.at(1).metadata)
  })

  it('renames the family with its metric', () => {
    const metadata = { name: 'h', type: 'histogram', help: 'A histogram.', unit: '' } as const
    const series = ['h_bucket', 'h_sum'].map((name) => ({ labels: createLabels({ __name__: name }), metadata }))
    const rule: RelabelConfig = { sourceLabels: ['__name__'], regex: 'h_(.*)', targetLabel: '__name__', replacement: 'new_$1' }
    const after = run(batch(samples(createSeriesList(series))), [rule]).after.columns[0]!.series
    expect(after.at(0).metadata).toEqual({ ...metadata, name: 'new' })
    expect(after.at(1).metadata).toBe(after.at(0).metadata)
  })

  it('refuses rules that cannot be used, at once', () => {
    expect(() => relabelTransform([{}])).toThrow("rule 1 of 1: relabel action replace requires 'target_label'")
  })
})
