import { createLabels } from '@promline/core'
import { describe, expect, it } from 'vitest'
import { parseSelector } from './selector.js'

const series = [
  { __name__: 'up', job: 'a', instance: 'x:1' },
  { __name__: 'up', job: 'b', instance: 'y:1' },
  { __name__: 'connections_srt', job: 'a' },
  { __name__: 'connections_push', job: 'a', text: 'say "hi"' },
].map((labels) => createLabels(labels))

function matching(selector: string): number[] {
  const matches = parseSelector(selector)
  return series.flatMap((labels, i) => (matches(labels) ? [i] : []))
}

describe('parseSelector()', () => {
  it.each([
    ['{}', [0, 1, 2, 3]],
    ['up', [0, 1]],
    ['connections_', [2, 3]],
    ['nothing', []],
    ['up{}', [0, 1]],
    ['connections_{}', []],
    ['up{job="a"}', [0]],
    [' up { job = "a" , } ', [0]],
    ['{job="a"}', [0, 2, 3]],
    ['{job=~"a|b",__name__="up"}', [0, 1]],
    ['{job!="a"}', [1]],
    ['{job!~"a"}', [1]],
    ['{instance=""}', [2, 3]],
    ['{__name__=~"connections_.*"}', [2, 3]],
    ['{text="say \\"hi\\""}', [3]],
    ['{"job"="b"}', [1]],
  ])('%s', (selector, expected) => {
    expect(matching(selector)).toEqual(expected)
  })

  it.each([
    ['', 'a selector is missing: the name of a metric, a part of one, or {label="value"}'],
    [' ', 'a selector is missing: the name of a metric, a part of one, or {label="value"}'],
    ['up{job="a"', 'selector "up{job=\\"a\\"" has no closing brace'],
    ['up{job=a}', 'expected name="value" at "job=a"'],
    ['up{job}', 'expected name="value" at "job"'],
  ])('refuses %s', (selector, message) => {
    expect(() => parseSelector(selector)).toThrow(message)
  })

  it('refuses a regular expression that RE2 does not know', () => {
    expect(() => parseSelector('{job=~"(?=a)"}')).toThrow()
  })
})
