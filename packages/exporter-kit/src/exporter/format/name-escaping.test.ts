import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isMetricName } from '../../registry/names.js'
import { escapeLabelName, escapeMetricName, isPlainLabelName, type NameEscaping, nameEscapings } from './name-escaping.js'

type Escaped = Record<NameEscaping, string>

function byEscaping(write: (name: string, escaping: NameEscaping) => string, name: string): object {
  return Object.fromEntries(nameEscapings.map((escaping) => [escaping, write(name, escaping)]))
}

const notPlain: readonly [name: string, escaped: Escaped][] = [
  [
    'mysystem.prod',
    { 'allow-utf-8': 'mysystem.prod', underscores: 'mysystem_prod', dots: 'mysystem_dot_prod', values: 'U__mysystem_2e_prod' },
  ],
  [
    'my_system.prod',
    { 'allow-utf-8': 'my_system.prod', underscores: 'my_system_prod', dots: 'my__system_dot_prod', values: 'U__my__system_2e_prod' },
  ],
  ['花火', { 'allow-utf-8': '花火', underscores: '__', dots: '____', values: 'U___82b1__706b_' }],
  ['😀x', { 'allow-utf-8': '😀x', underscores: '_x', dots: '__x', values: 'U___1f600_x' }],
  ['2xx', { 'allow-utf-8': '2xx', underscores: '_xx', dots: '__xx', values: 'U___32_xx' }],
]

describe('escapeMetricName()', () => {
  test.each(['up', 'my_total', 'job:x', '_', ':'])('leaves %s as it is', (name) => {
    expect(nameEscapings.map((escaping) => escapeMetricName(name, escaping))).toEqual([name, name, name, name])
  })

  test.each<[name: string, escaped: Escaped]>([
    ...notPlain,
    ['job:x.y', { 'allow-utf-8': 'job:x.y', underscores: 'job:x_y', dots: 'job:x_dot_y', values: 'U__job:x_2e_y' }],
  ])('%s', (name, escaped) => {
    expect(byEscaping(escapeMetricName, name)).toEqual(escaped)
  })
})

describe('escapeLabelName()', () => {
  test.each(['up', 'job_name', '__address__', '_'])('leaves %s as it is', (name) => {
    expect(nameEscapings.map((escaping) => escapeLabelName(name, escaping))).toEqual([name, name, name, name])
  })

  test.each<[name: string, escaped: Escaped]>([
    ...notPlain,
    ['a:b', { 'allow-utf-8': 'a:b', underscores: 'a_b', dots: 'a__b', values: 'U__a_3a_b' }],
    [':.', { 'allow-utf-8': ':.', underscores: '__', dots: '___dot_', values: 'U___3a__2e_' }],
  ])('%s', (name, escaped) => {
    expect(byEscaping(escapeLabelName, name)).toEqual(escaped)
  })
})

test('names are of the old alphabet when they are escaped, whatever they were', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.constantFrom('underscores', 'dots', 'values'), (name, escaping) => {
      expect(isMetricName(escapeMetricName(name, escaping))).toBe(true)
      expect(isPlainLabelName(escapeLabelName(name, escaping))).toBe(true)
    }),
  )
})
