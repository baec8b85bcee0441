import { describe, expect, test } from 'vitest'
import { createLabels } from '../model/labels.js'
import type { RelabelConfig } from '../relabel/relabel-config.js'
import { compileRelabelConfigs } from '../relabel/relabeler.js'
import { createSeriesMutator, type SeriesMutatorOptions } from './series-mutator.js'

const off = { honorLabels: false, labelLimit: 0, labelNameLengthLimit: 0, labelValueLengthLimit: 0 }

interface Case {
  readonly target?: Record<string, string>
  readonly config?: Partial<SeriesMutatorOptions['config']>
  readonly rules?: readonly RelabelConfig[]
  readonly empty?: readonly string[]
}

function mutate(exposed: Record<string, string>, { target = {}, config = {}, rules = [], empty = [] }: Case) {
  const relabeler = compileRelabelConfigs(rules)
  const mutator = createSeriesMutator({ targetLabels: createLabels(target), config: { ...off, ...config }, relabeler })
  return mutator(createLabels({ __name__: 'm', ...exposed }), empty)?.toObject()
}

const target = { instance: 'h:1', job: 'j' }
const honorLabels = { honorLabels: true }

describe('labels of the target', () => {
  const cases: [name: string, exposed: Record<string, string>, options: Case, expected: Record<string, string>][] = [
    ['are attached', { a: 'b' }, { target }, { a: 'b', instance: 'h:1', job: 'j' }],
    ['win, and the exposed ones are renamed', { job: 'own' }, { target }, { exported_job: 'own', instance: 'h:1', job: 'j' }],
    [
      'win, and the prefix is repeated while it is taken',
      { job: 'own', exported_job: 'x' },
      { target },
      { exported_exported_job: 'own', exported_job: 'x', instance: 'h:1', job: 'j' },
    ],
    [
      'win, and shorter names are renamed first',
      { job: 'own', exported_job: 'x' },
      { target: { ...target, exported_job: 't' } },
      { exported_exported_exported_job: 'x', exported_exported_job: 'own', exported_job: 't', instance: 'h:1', job: 'j' },
    ],
    ['win over an empty one, which needs no renaming', {}, { target, empty: ['job'] }, { instance: 'h:1', job: 'j' }],
    ['yield under honor_labels', { job: 'own' }, { target, config: honorLabels }, { instance: 'h:1', job: 'own' }],
    ['yield to an empty one under honor_labels', {}, { target, config: honorLabels, empty: ['instance'] }, { job: 'j' }],
    ['may have any name', { ['__proto__']: 'own' }, { target: { constructor: 'c' } }, { ['__proto__']: 'own', constructor: 'c' }],
  ]
  test.each(cases)('%s', (_name, exposed, options, expected) => {
    expect({ ...mutate(exposed, options) }).toEqual({ __name__: 'm', ...expected })
  })
})

describe('rules', () => {
  test('see the labels of the target, and may drop', () => {
    const rules: RelabelConfig[] = [{ action: 'drop', sourceLabels: ['job'], regex: 'j' }]
    expect(mutate({}, { target, rules })).toBeUndefined()
  })

  test('may drop by leaving nothing', () => {
    expect(mutate({}, { rules: [{ action: 'labeldrop', regex: '.*' }] })).toBeUndefined()
  })

  test('must leave a name', () => {
    expect(() => mutate({ a: 'b' }, { rules: [{ action: 'labeldrop', regex: '__name__' }] })).toThrow(
      'metric_relabel_configs leave "m" without a metric name',
    )
  })
})

describe('limits', () => {
  const long = 'x'.repeat(60)
  const cases: [message: string, exposed: Record<string, string>, config: Partial<SeriesMutatorOptions['config']>][] = [
    ['label_limit exceeded: 4 labels, limit 3 (metric "m")', { a: '1' }, { labelLimit: 3 }],
    ['label_name_length_limit exceeded: label "äääää" has 10 bytes, limit 9 (metric "m")', { äääää: '1' }, { labelNameLengthLimit: 9 }],
    [
      `label_name_length_limit exceeded: label "${'x'.repeat(50)}…" has 60 bytes, limit 10 (metric "m")`,
      { [long]: '1' },
      { labelNameLengthLimit: 10 },
    ],
    [
      'label_value_length_limit exceeded: the value of label "a" has 4 bytes, limit 3 (metric "m")',
      { a: 'ää' },
      { labelValueLengthLimit: 3 },
    ],
  ]
  test.each(cases)('%s', (message, exposed, config) => {
    expect(() => mutate(exposed, { target, config })).toThrow(message)
  })

  test('reached is not exceeded, and dropped series have none', () => {
    expect(mutate({ a: 'bbb' }, { target, config: { labelLimit: 4, labelNameLengthLimit: 8, labelValueLengthLimit: 3 } })).toBeDefined()
    const rules: RelabelConfig[] = [{ action: 'drop', sourceLabels: ['a'], regex: 'b+' }]
    expect(mutate({ a: 'bbbb' }, { config: { labelValueLengthLimit: 3 }, rules })).toBeUndefined()
  })
})
