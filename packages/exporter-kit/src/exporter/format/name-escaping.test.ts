import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isMetricName } from '../../registry/names.js'
import { escapeName, type NameEscaping, nameEscapings } from './name-escaping.js'

describe('escapeName()', () => {
  test.each<[name: string, escaped: Record<NameEscaping, string>]>([
    ['up', { 'allow-utf-8': 'up', underscores: 'up', dots: 'up', values: 'up' }],
    ['my_total', { 'allow-utf-8': 'my_total', underscores: 'my_total', dots: 'my__total', values: 'my_total' }],
    ['job:x', { 'allow-utf-8': 'job:x', underscores: 'job:x', dots: 'job:x', values: 'job:x' }],
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
  ])('%s', (name, escaped) => {
    expect(Object.fromEntries(nameEscapings.map((escaping) => [escaping, escapeName(name, escaping)]))).toEqual(escaped)
  })

  test('gives a name of the old alphabet, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.constantFrom('underscores', 'dots', 'values'), (name, escaping) => {
        expect(isMetricName(escapeName(name, escaping))).toBe(true)
      }),
    )
  })
})
