import { describe, expect, test } from 'vitest'
import { createJobMetrics, type JobMetrics } from './job-metrics.js'

const options = { reserved: ['job_success'], groupingNames: ['job', 'instance'], onLate: () => {} }

async function shown(use: (metrics: JobMetrics) => void): Promise<string> {
  const { metrics, registry } = createJobMetrics(options)
  use(metrics)
  return registry.metrics()
}

describe('gauge()', () => {
  test('shows what was set, and its name where there is no help', async () => {
    const page = await shown((metrics) => {
      metrics.gauge('rows', 'Rows read.').set(1)
      metrics.gauge('rows').set(2)
      metrics.gauge('size').set(0.5)
      metrics.gauge('never')
    })
    expect(page).toBe(
      '# HELP rows Rows read.\n# TYPE rows gauge\nrows 2\n# HELP size size\n# TYPE size gauge\nsize 0.5\n# HELP never never\n# TYPE never gauge\n',
    )
  })

  test('adds from 0', async () => {
    const page = await shown((metrics) => {
      const failed = metrics.gauge('failed')
      failed.add(0)
      failed.add(2)
      failed.add(-1)
    })
    expect(page).toMatch(/\nfailed 1\n$/)
  })

  test('keeps series apart by their labels, whatever their order; an empty value is none', async () => {
    const page = await shown((metrics) => {
      const rows = metrics.gauge('rows')
      rows.set(1, { table: 'a', b: '1' })
      rows.add(1, { b: '1', table: 'a' })
      rows.set(5, { table: 'b"\n' })
      rows.set(7)
      rows.add(1, { table: '' })
    })
    expect(page.split('\n').slice(2)).toEqual(['rows{b="1",table="a"} 2', String.raw`rows{table="b\"\n"} 5`, 'rows 8', ''])
  })

  test.each<[string, (metrics: JobMetrics) => void, string]>([
    ['no name', (metrics) => metrics.gauge(''), 'push: the metric name "" is not [a-zA-Z_:][a-zA-Z0-9_:]*'],
    ['a name with a blank', (metrics) => metrics.gauge('a b'), 'push: the metric name "a b" is not [a-zA-Z_:][a-zA-Z0-9_:]*'],
    ['a name of its own', (metrics) => metrics.gauge('job_success'), 'push: the metric job_success is set by pushJob itself'],
    [
      'a name of the gateway',
      (metrics) => metrics.gauge('push_time_seconds'),
      "push: the metric push_time_seconds is the Pushgateway's own, which it sets with every push",
    ],
    ['a label name', (metrics) => metrics.gauge('a').set(1, { 'b-c': '' }), 'push: the metric a cannot have a label "b-c"'],
    ['a reserved label', (metrics) => metrics.gauge('a').add(1, { __b: 'x' }), 'push: the metric a cannot have a label "__b"'],
    [
      'a label that is no text',
      (metrics) => metrics.gauge('a').set(1, JSON.parse('{"shard": 3}')),
      'push: the label "shard" of the metric a is of type number, not a string',
    ],
    ['a text', (metrics) => metrics.gauge('a').set(JSON.parse('"5"')), 'push: a value of the metric a is of type string, not a number'],
    ['nothing', (metrics) => metrics.gauge('a').add(JSON.parse('null')), 'push: a value of the metric a is of type object, not a number'],
    [
      'a label of the group',
      (metrics) => metrics.gauge('a').set(1, { instance: 'x' }),
      'push: the metric a cannot have a label "instance": it is a part of the grouping key, which would overwrite it',
    ],
  ])('refuses %s', (_name, use, message) => {
    const { metrics } = createJobMetrics(options)
    expect(() => use(metrics)).toThrow(expect.objectContaining({ code: 'options', message }))
  })
})

test('what is set after the end is not shown, and told once of each metric', async () => {
  const late: string[] = []
  const job = createJobMetrics({ ...options, onLate: (metric) => late.push(metric) })
  const { metrics, registry } = job
  const rows = metrics.gauge('rows')
  rows.set(1)
  job.end()
  rows.set(2)
  rows.add(5, { table: 'a' })
  metrics.gauge('size').add(3)
  expect(await registry.metrics()).toBe('# HELP rows rows\n# TYPE rows gauge\nrows 1\n')
  expect(late).toEqual(['rows', 'size'])
  expect(() => metrics.gauge('a b')).toThrow('push: the metric name "a b" is not [a-zA-Z_:][a-zA-Z0-9_:]*')
})
