import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { paceRules } from './pace-rules.js'

const rules = new URL('../../rules/', import.meta.url)

function rule(fields: string): string {
  return `groups:\n  - name: a\n    rules:\n      - alert: A\n        ${fields}\n`
}

describe('paceRules()', () => {
  it.each([
    ['for: 5m', 'for: 15s'],
    ['for: 1m', 'for: 3s'],
    ['for: 30s', 'for: 1500ms'],
    ['for: 1h30m', 'for: 270s'],
    ['for: 10ms', 'for: 1ms'],
    ['keep_firing_for: 1m', 'keep_firing_for: 3s'],
    ['expr: rate(a:rate5m[5m]) > 5', 'expr: rate(a:rate5m[15s]) > 5'],
    ['expr: max_over_time(a[1h:1m] offset 1d) > 1', 'expr: max_over_time(a[180s:3s] offset 4320s) > 1'],
    ['expr: max_over_time(a[1h:])', 'expr: max_over_time(a[180s:])'],
    ['expr: time() - a > 15 * 60', 'expr: time() - a > 45'],
    ['expr: a{b="[5m]"} > 0.8 * 2 ^ 30', 'expr: a{b="[5m]"} > 0.8 * 2 ^ 30'],
    ['expr: up == 0', 'expr: up == 0'],
  ])('%s', (fields, expected) => {
    expect(paceRules(rule(fields), 20)).toBe(rule(expected))
  })

  it('leaves names, labels, annotations and comments alone', () => {
    const text = rule('expr: a\n        labels:\n          for: 5m\n        annotations:\n          expr: in the last [5m] # [5m]')
    expect(paceRules(text, 20)).toBe(text)
  })

  it('paces groups as well, and nothing where nothing is faster', () => {
    expect(paceRules('groups:\n  - name: a\n    interval: 1m\n    rules: []\n', 20)).toBe(
      'groups:\n  - name: a\n    interval: 3s\n    rules: []\n',
    )
    expect(paceRules('not even: [yaml', 1)).toBe('not even: [yaml')
  })

  it.each(readdirSync(rules).filter((name) => name.endsWith('.yml')))('keeps every rule of the shipped %s', (name) => {
    const text = readFileSync(new URL(name, rules), 'utf8')
    const paced = paceRules(text, 20)
    expect(namesOf(paced)).toEqual(namesOf(text))
    // Nothing of a minute or more is left in a range.
    expect(paced).not.toMatch(/expr:[^\n]*\[\d+[mh]/)
  })
})

function namesOf(text: string): unknown {
  const file: { groups: { name: string; rules: { alert?: string; record?: string }[] }[] } = parse(text)
  return file.groups.map((group) => [group.name, group.rules.map(({ alert, record }) => alert ?? record)])
}
