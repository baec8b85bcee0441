import { decodeUtf8 } from '@promline/core'
import { Registry as PrometheusIoRegistry } from '@prometheus-io/client'
import { collectDefaultMetrics, Counter, Gauge, Histogram, type OpenMetricsContentType, Registry, Summary } from 'prom-client'
import { describe, expect, test } from 'vitest'
import type { MetricRegistry } from '../registry/metric-registry.js'
import { pushBody } from './push-body.js'

const group = { job: 'j', grouping: { instance: 'i', zone: 'z' } }

function textRegistry(text: string): MetricRegistry {
  return { contentType: 'text/plain; version=0.0.4; charset=utf-8', metrics: async () => text }
}

describe('pushBody()', () => {
  test('is the text of a registry of prom-client with every kind of metric', async () => {
    const registry = new Registry()
    const registers = [registry]
    collectDefaultMetrics({ register: registry })
    new Gauge({ name: 'odd', help: 'Not a number', registers }).set(Number.NaN)
    new Counter({ name: 'c_total', help: 'C "quoted"', labelNames: ['path'], registers }).inc({ path: 'a"b\\c\nd' })
    new Histogram({ name: 'h', help: 'H', registers }).observe(1)
    new Summary({ name: 's', help: 'S', registers }).observe(1)
    expect(decodeUtf8(await pushBody(registry, group))).toMatch(/^# HELP .*c_total\{path="a\\"b\\\\c\\nd"\} 1\n.*s_count 1\n$/s)
  })

  test.each([
    ['prom-client', new Registry()],
    ['@prometheus-io/client', new PrometheusIoRegistry()],
    ['nothing', textRegistry('')],
  ])('takes an empty registry of %s', async (_name, registry) => {
    expect(decodeUtf8(await pushBody(registry, group)).trim()).toBe('')
  })

  test.each<[string, string, string]>([
    [
      'a 1\nb 1 1000\n',
      'encode',
      'push: the text of the registry, line 2: "b" has a timestamp, which a Pushgateway refuses; it tells the time of a push in push_time_seconds',
    ],
    [
      'a{zone="eu"} 1\n',
      'encode',
      'push: the text of the registry, line 1: "a" has the label zone="eu", which the grouping key would overwrite: "zone" is a part of it',
    ],
    [
      '# TYPE a gauge\na{job="x"} 1\n',
      'encode',
      'push: the text of the registry, line 2: "a" has the label job="x", which the grouping key would overwrite: "job" is a part of it',
    ],
    [
      'push_time_seconds 1\n',
      'encode',
      'push: the text of the registry, line 1: "push_time_seconds" is the Pushgateway\'s own, which it sets with every push',
    ],
    ['a 1', 'parse', 'push: the text of the registry, 1:4: expected a line feed at the end of the last line, found the end of the body'],
    ['a 1\r\n', 'parse', 'push: the text of the registry, 1:3: expected a number as value, found "1\\r"'],
    ['a one\n', 'parse', 'push: the text of the registry, 1:3: expected a number as value, found "one"'],
  ])('refuses %j', async (text, code, message) => {
    await expect(pushBody(textRegistry(text), group)).rejects.toMatchObject({ code, message })
  })

  test('takes an empty label of a name in the grouping key: it is none', async () => {
    await expect(pushBody(textRegistry('a{zone=""} 1\n'), group)).resolves.toBeDefined()
  })

  test('refuses an OpenMetrics registry by name', async () => {
    const registry = new Registry<OpenMetricsContentType>()
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
    await expect(pushBody(registry, group)).rejects.toMatchObject({
      code: 'encode',
      message:
        'push: the registry speaks application/openmetrics-text; a push needs the text format: make the registry with Registry.PROMETHEUS_CONTENT_TYPE',
    })
  })

  test('rejects with what a metric throws', async () => {
    const error = new Error('broken')
    await expect(pushBody({ contentType: 'text/plain', metrics: () => Promise.reject(error) }, group)).rejects.toBe(error)
  })
})
