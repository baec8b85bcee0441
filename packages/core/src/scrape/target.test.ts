import { describe, expect, test } from 'vitest'
import { compileRelabelConfigs } from '../relabel/relabeler.js'
import type { ScrapeConfigInput } from './scrape-config.js'
import { createTarget, discoverTargets, type Target } from './target.js'
import { validateScrapeConfig } from './validate-scrape-config.js'

function targetsOf(input: Partial<ScrapeConfigInput>): (Target | undefined)[] {
  const config = validateScrapeConfig({ jobName: 'node', scrapeIntervalMs: 15_000, staticConfigs: [{ targets: ['a:1'] }], ...input })
  const relabeler = compileRelabelConfigs(config.relabelConfigs)
  return discoverTargets(config).map((labels) => createTarget(labels, config, relabeler))
}

const labelsOf = (target: Target | undefined) => target?.labels.toObject()

test('discovered labels: the target, its group, then the defaults', () => {
  const config = validateScrapeConfig({
    jobName: 'node',
    scrapeIntervalMs: 90_000,
    metricsPath: '/m',
    scheme: 'https',
    params: { module: ['x', 'y'], empty: [] },
    staticConfigs: [{ targets: ['a:1', 'b:2'], labels: { env: 'prod', job: 'mine', __address__: 'z:9', __metrics_path__: '/own' } }],
  })
  expect(discoverTargets(config).map((labels) => ({ ...labels.toObject() }))).toEqual(
    ['a:1', 'b:2'].map((address) => ({
      __address__: address,
      __metrics_path__: '/own',
      __param_module: 'x',
      __scheme__: 'https',
      __scrape_interval__: '1m30s',
      __scrape_timeout__: '10s',
      env: 'prod',
      job: 'mine',
    })),
  )
})

describe('a target', () => {
  test('has job and instance, and nothing that begins with two underscores', () => {
    const [target] = targetsOf({ staticConfigs: [{ targets: ['a:1'], labels: { env: 'prod', __meta_x: 'y', __tmp: 'z' } }] })
    expect(target).toMatchObject({ jobName: 'node', address: 'a:1', url: 'http://a:1/metrics', intervalMs: 15_000, timeoutMs: 10_000 })
    expect(labelsOf(target)).toEqual({ env: 'prod', instance: 'a:1', job: 'node' })
  })

  const urls: [url: string, input: Partial<ScrapeConfigInput>][] = [
    ['https://a:1/metrics', { scheme: 'https' }],
    ['http://a:1/x/y', { metricsPath: 'x/y' }],
    ['http://a:1/x%3Fy%23z', { metricsPath: '/x?y#z' }],
    ['http://a:1/a%2520b/100%25', { metricsPath: '/a%20b/100%' }],
    ['http://a:1/a%5Cb%20%C3%BC%21', { metricsPath: '/a\\b ü!' }],
    ['http://a:1/-_.~$&+,/:;=@', { metricsPath: '/-_.~$&+,/:;=@' }],
    ['http://a:1/metrics?a=~-_.%2A+%2B', { params: { a: ['~-_.* +'] } }],
    ['http://[::1]:9100/metrics', { staticConfigs: [{ targets: ['[::1]:9100'] }] }],
    ['http://a/metrics', { staticConfigs: [{ targets: ['a'] }] }],
    ['http://a:1/metrics?match%5B%5D=up&match%5B%5D=%7Bjob%3D%22x%22%7D', { params: { 'match[]': ['up', '{job="x"}'] } }],
    ['http://a:1/metrics?a=1&b=2', { params: { b: ['2'], a: ['1'] } }],
    [
      'http://a:1/metrics?module=tcp&module=second&target=t',
      {
        params: { module: ['http', 'second'] },
        relabelConfigs: [
          { targetLabel: '__param_module', replacement: 'tcp' },
          { targetLabel: '__param_target', replacement: 't' },
        ],
      },
    ],
    ['http://b:2/metrics', { relabelConfigs: [{ targetLabel: '__address__', replacement: 'b:2' }] }],
  ]
  test('says no more of itself to all than an address and what labels gave', () => {
    const input = { params: { token: ['x'], module: ['m'] }, staticConfigs: [{ targets: ['u:p@a:1'], labels: { __param_module: 'n' } }] }
    expect(targetsOf(input)[0]).toMatchObject({
      url: 'http://u:p@a:1/metrics?module=n&token=x',
      publicUrl: 'http://a:1/metrics?module=n',
    })
  })

  test.each(urls)('%s', (url, input) => {
    expect(targetsOf(input)[0]?.url).toBe(url)
  })

  test('is a probe where rules say so', () => {
    const [target] = targetsOf({
      metricsPath: '/probe',
      staticConfigs: [{ targets: ['https://example.org/x'] }],
      relabelConfigs: [
        { sourceLabels: ['__address__'], targetLabel: '__param_target' },
        { sourceLabels: ['__param_target'], targetLabel: 'instance' },
        { targetLabel: '__address__', replacement: '127.0.0.1:9115' },
      ],
    })
    expect(target).toMatchObject({ address: '127.0.0.1:9115', url: 'http://127.0.0.1:9115/probe?target=https%3A%2F%2Fexample.org%2Fx' })
    expect(labelsOf(target)).toEqual({ instance: 'https://example.org/x', job: 'node' })
  })

  test('takes interval and timeout from its labels', () => {
    const relabelConfigs = [
      { targetLabel: '__scrape_interval__', replacement: '1m30s' },
      { targetLabel: '__scrape_timeout__', replacement: '500ms' },
    ]
    expect(targetsOf({ relabelConfigs })[0]).toMatchObject({ intervalMs: 90_000, timeoutMs: 500 })
  })

  test('may be dropped', () => {
    expect(targetsOf({ relabelConfigs: [{ action: 'drop', sourceLabels: ['__address__'], regex: 'a:1' }] })).toEqual([undefined])
  })

  const set = (targetLabel: string, replacement: string) => [{ targetLabel, replacement }]
  const invalid: [reason: string, relabelConfigs: ScrapeConfigInput['relabelConfigs']][] = [
    ['it has no __address__', set('__address__', '')],
    ['address "http://b" is not host:port: it contains "/"', set('__address__', 'http://b')],
    ['its __scrape_interval__ "soon" is not a duration from 1ms to 24d20h31m23s647ms', set('__scrape_interval__', 'soon')],
    ['its __scrape_interval__ "0s" is not a duration from 1ms to 24d20h31m23s647ms', set('__scrape_interval__', '0s')],
    ['its __scrape_interval__ "1y" is not a duration from 1ms to 24d20h31m23s647ms', set('__scrape_interval__', '1y')],
    ['its timeout 1m is longer than its interval 15s', set('__scrape_timeout__', '1m')],
    ['"ftp://a:1/" is not a URL', set('__scheme__', 'ftp')],
    ['"http://a:x/" is not a URL', set('__address__', 'a:x')],
  ]
  test.each(invalid)('%s', (reason, relabelConfigs = []) => {
    expect(() => targetsOf({ relabelConfigs })).toThrow(`scrape config "node": a target cannot be scraped: ${reason}`)
  })
})
