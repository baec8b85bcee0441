import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLabels, type Labels } from '../model/labels.js'
import type { MetricMetadata } from '../model/metadata.js'
import { packedOf } from '../model/packed-series-list.js'
import type { Series } from '../model/series.js'
import { createSeriesList } from '../model/series-list.js'
import type { RelabelConfig } from './relabel-config.js'
import { ListRelabeler } from './relabel-list.js'
import { compileRelabelConfigs } from './relabeler.js'
import { renameMetadata } from './rename-metadata.js'

const families: readonly MetricMetadata[] = [
  { name: 'h', type: 'histogram', help: 'A histogram.', unit: '' },
  { name: 'g', type: 'gauge', help: '', unit: 's' },
]
const texts = fc.constantFrom('a', 'b', 'job', 'é', 'x'.repeat(130))
const series = fc
  .tuple(fc.constantFrom(...families), fc.constantFrom('', '_sum', '_count'), fc.dictionary(texts, texts, { maxKeys: 4 }))
  .map(([metadata, suffix, others]): Series => ({ metadata, labels: createLabels({ ...others, __name__: metadata.name + suffix }) }))
const rules: readonly RelabelConfig[] = [
  { sourceLabels: ['__name__'], regex: 'h_.*', action: 'drop' },
  { sourceLabels: ['a', 'job'], regex: '.*;', action: 'keep' },
  { regex: 'a|b', action: 'labeldrop' },
  { regex: '__name__', action: 'labelkeep' },
  { regex: '__name__', action: 'labeldrop' },
  { regex: '(a|é)', replacement: 'x_$1', action: 'labelmap' },
  { sourceLabels: ['job'], targetLabel: 'service' },
  { sourceLabels: ['__name__'], regex: '(.*)_sum', targetLabel: '__name__', replacement: 'new_$1_sum' },
  { sourceLabels: ['a'], targetLabel: 'b', action: 'uppercase' },
  { sourceLabels: ['a'], targetLabel: 'shard', modulus: 2, action: 'hashmod' },
]
const someRules = fc.uniqueArray(fc.constantFrom(...rules), { maxLength: 3 })
const externals = fc.constantFrom<Record<string, string>>({}, { cluster: 'eu' }, { job: 'external', '10': 'x' })

function withExternal(labels: Labels, external: Record<string, string>): Labels {
  return createLabels({ ...external, ...labels.toObject() })
}

describe('ListRelabeler', () => {
  it('makes of each series what its rules make of it alone', () => {
    fc.assert(
      fc.property(fc.array(series, { minLength: 1, maxLength: 8 }), someRules, externals, fc.boolean(), (all, configs, external, packs) => {
        const list = createSeriesList(all, { automatic: packs })
        const relabeler = compileRelabelConfigs(configs)
        const expected = all.flatMap(({ labels, metadata }, row) => {
          const after = relabeler.relabel(withExternal(labels, external))
          return after === undefined ? [] : [{ row, labels: after.toObject(), metadata: renameMetadata(metadata, labels, after) }]
        })
        const lists = new ListRelabeler({ relabeler, externalLabels: external })
        const before = packs ? packedOf(list) : list
        const { series: after, rows } = lists.relabel(before)
        const found = Array.from({ length: after.length }, (_, i) => {
          const { labels, metadata } = after.at(i)
          return { row: rows?.[i] ?? i, labels: labels.toObject(), metadata }
        })
        expect(found).toEqual(expected)
        expect(rows === undefined).toBe(expected.length === all.length)
        expect(after.automatic).toBe(list.automatic)
        const isSame = expected.length === all.length && expected.every((one, i) => createLabels(one.labels).equals(all[i]!.labels))
        expect(after === before).toBe(isSame)
        expect(lists.relabel(before).series).toBe(after)
      }),
      { numRuns: 2_000 },
    )
  })
})
