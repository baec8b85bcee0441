import { expect, test } from 'vitest'
import { isLabelName, isMetricName } from './names.js'

test.each<[string, boolean, boolean]>([
  ['a', true, true],
  ['_', true, true],
  ['A9_b', true, true],
  ['a__b', true, true],
  ['__name__', true, false],
  ['__', true, false],
  ['a:b', true, false],
  [':', true, false],
  ['', false, false],
  ['9a', false, false],
  ['a-b', false, false],
  ['a b', false, false],
  ['a\n', false, false],
  ['ü', false, false],
  ['a@base64', false, false],
])('%j: a metric %s, a label %s', (text, metric, label) => {
  expect([isMetricName(text), isLabelName(text)]).toEqual([metric, label])
})
