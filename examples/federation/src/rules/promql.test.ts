import { expect, test } from 'vitest'
import { parsePromql } from './promql.js'

test.each([
  ['up', ['up'], []],
  ['sum by (cluster) (rate(nats_varz_in_msgs{job="x"}[5m]))', ['nats_varz_in_msgs'], []],
  ['cluster:up:sum unless on (cluster) max_over_time(b[1h:5m] offset 1d)', ['b', 'cluster:up:sum'], []],
  ['{__name__=~"a_.+",job="x"} == 0 or {__name__="b"}', ['b'], ['a_.+']],
  ['time() - vector(1)', [], []],
])('%s', (query, metrics, namePatterns) => {
  expect(parsePromql(query)).toEqual({ metrics, namePatterns })
})

test.each([
  ['sum by (cluster', 'sum by (cluster: cannot be read at character 15: ""'],
  ['rate(a[5m]', 'rate(a[5m]: cannot be read at character 10: ""'],
  ['', ': cannot be read at character 0: ""'],
])('not a query: %s', (query, message) => {
  expect(() => parsePromql(query)).toThrow(message)
})
