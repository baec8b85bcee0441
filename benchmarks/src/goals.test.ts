import { describe, expect, test } from 'vitest'
import { comparisons } from './comparisons.js'
import { goals, goalTable, isOfGoal } from './goals.js'
import type { CaseResult } from './harness/result.js'
import { spoolComparisons } from './spool/comparisons.js'
import { systemComparisons } from './system/comparisons.js'

const result = (name: string, subject: string, figures: CaseResult['rows'][number]['figures']): CaseResult => ({
  name,
  columns: [],
  rows: [{ subject, figures }],
  notes: [],
})

describe('goals', () => {
  const known = [...comparisons, ...spoolComparisons, ...systemComparisons]
  test.each(goals.map((goal) => [goal.what, goal] as const))('%s: its case and subject exist', (_, { place }) => {
    const comparison = known.find(({ name }) => name === place.name)
    expect(comparison?.subjects.map(({ name }) => name)).toContain(place.subject)
  })
})

test.each([
  ['parse/ksm', 'warm', true],
  ['parse/ksm', 'cold', false],
  ['system/ksm', 'promline', true],
  ['system/ksm', 'prometheus-agent', true],
  ['system/n10000', 'prometheus-agent', false],
  ['system/ksm', 'npm-packages', false],
])('%s by %s is measured for a goal: %s', (name, subject, expected) => {
  expect(isOfGoal({ name }, { name: subject })).toBe(expected)
})

describe('goalTable', () => {
  test('has the goals that were measured: whether they are reached is said of the median', () => {
    const table = goalTable([
      result('parse/ksm', 'warm', { ratio: [30, 41, 70] }),
      result('parse/hist', 'warm', { ratio: [39.9] }),
      result('system/ksm', 'promline', { 'vmagent / x': [33], 'peak MB': [121] }),
    ])
    expect(table).toBe(`| goal                                   |   must | stretch | measured |   min-max | reached |
|----------------------------------------|-------:|--------:|---------:|----------:|--------:|
| warm parse of ksm                      |    40x |     60x |    41.0x | 30.0-70.0 |    must |
| warm parse of hist                     |    40x |     60x |    39.9x |           |      no |
| system/ksm: CPU a sample, of vmagent's |   1/16 |    1/32 |   1/33.0 |           | stretch |
| system/ksm: peak RSS                   | 120 MB |   85 MB |   121 MB |           |      no |
`)
  })

  test('is none without a figure', () => expect(goalTable([])).toBeUndefined())
})
