import { describe, expect, test } from 'vitest'
import { Secret } from '../http/secret.js'
import { isPromlineError } from '../model/errors.js'
import type { ScrapeConfigInput } from './scrape-config.js'
import { type ScrapeGlobals, validateScrapeConfig } from './validate-scrape-config.js'

/** What a program without types may give. */
function unknownFields(fields: object): object {
  return fields
}

describe('validateScrapeConfig', () => {
  test('fills in the defaults of Prometheus', () => {
    expect(validateScrapeConfig({ jobName: 'node' })).toEqual({
      jobName: 'node',
      scrapeIntervalMs: 60_000,
      scrapeTimeoutMs: 10_000,
      metricsPath: '/metrics',
      scheme: 'http',
      params: {},
      honorLabels: false,
      honorTimestamps: true,
      trackTimestampsStaleness: false,
      enableCompression: true,
      bodySizeLimitBytes: 67_108_864,
      sampleLimit: 0,
      targetLimit: 0,
      labelLimit: 0,
      labelNameLengthLimit: 0,
      labelValueLengthLimit: 0,
      relabelConfigs: [],
      metricRelabelConfigs: [],
      staticConfigs: [],
      http: { followRedirects: true },
    })
  })

  const durations: [name: string, input: Partial<ScrapeConfigInput>, globals: ScrapeGlobals, interval: number, timeout: number][] = [
    ['a short interval shortens the default timeout', { scrapeIntervalMs: 5_000 }, {}, 5_000, 5_000],
    ['globals come before defaults', {}, { scrapeIntervalMs: 15_000, scrapeTimeoutMs: 7_000 }, 15_000, 7_000],
    ['the job comes before globals', { scrapeIntervalMs: 30_000, scrapeTimeoutMs: 20_000 }, { scrapeTimeoutMs: 1_000 }, 30_000, 20_000],
    ['a timeout of globals is cut to the interval of the job', { scrapeIntervalMs: 2_000 }, { scrapeTimeoutMs: 9_000 }, 2_000, 2_000],
  ]
  test.each(durations)('%s', (...[, input, globals, scrapeIntervalMs, scrapeTimeoutMs]) => {
    expect(validateScrapeConfig({ jobName: 'j', ...input }, globals)).toMatchObject({ scrapeIntervalMs, scrapeTimeoutMs })
  })

  test('limits: globals before defaults, an explicit zero is off', () => {
    const globals = { bodySizeLimitBytes: 1_000, sampleLimit: 5, labelLimit: 30 }
    expect(validateScrapeConfig({ jobName: 'j', labelLimit: 0 }, globals)).toMatchObject({
      bodySizeLimitBytes: 1_000,
      sampleLimit: 5,
      labelLimit: 0,
    })
    expect(validateScrapeConfig({ jobName: 'j', bodySizeLimitBytes: 0 }).bodySizeLimitBytes).toBe(0)
  })

  test('redirects may be switched off', () => {
    expect(validateScrapeConfig({ jobName: 'j', http: { followRedirects: false } }).http).toEqual({ followRedirects: false })
  })

  test('a target may be a URL where rules make an address of it', () => {
    const probe = {
      jobName: 'j',
      staticConfigs: [{ targets: ['http://a:1'] }],
      relabelConfigs: [{ targetLabel: '__address__', replacement: 'b:1' }],
    }
    expect(validateScrapeConfig(probe).staticConfigs).toEqual(probe.staticConfigs)
  })

  const secret = { value: new Secret('canary') }
  const invalid: [message: string, input: Partial<ScrapeConfigInput>][] = [
    ['scrape config "": jobName: must not be empty', { jobName: '' }],
    [
      'scrape config "j": scrapeInterval: is not known; there are jobName, scrapeIntervalMs, scrapeTimeoutMs, metricsPath, scheme, params, honorLabels, honorTimestamps, trackTimestampsStaleness, enableCompression, bodySizeLimitBytes, sampleLimit, targetLimit, labelLimit, labelNameLengthLimit, labelValueLengthLimit, relabelConfigs, metricRelabelConfigs, staticConfigs, http, fallbackScrapeProtocol',
      unknownFields({ scrapeInterval: '10s' }),
    ],
    ['scrape config "j": scrapeTimeoutMs: 6000 is longer than scrapeIntervalMs 5000', { scrapeIntervalMs: 5_000, scrapeTimeoutMs: 6_000 }],
    ['scrape config "j": scrapeIntervalMs: 0 is not a whole number of milliseconds from 1 to 2147483647', { scrapeIntervalMs: 0 }],
    ['scrape config "j": scrapeIntervalMs: 1.5 is not a whole number of milliseconds from 1 to 2147483647', { scrapeIntervalMs: 1.5 }],
    ['scrape config "j": scrapeTimeoutMs: NaN is not a whole number of milliseconds from 1 to 2147483647', { scrapeTimeoutMs: Number.NaN }],
    ['scrape config "j": sampleLimit: -1 is not a whole number from 0 (off)', { sampleLimit: -1 }],
    ['scrape config "j": bodySizeLimitBytes: 0.5 is not a whole number from 0 (off)', { bodySizeLimitBytes: 0.5 }],
    ['scrape config "j": metricsPath: must not be empty', { metricsPath: '' }],
    ['scrape config "j": staticConfigs: a target must not be empty', { staticConfigs: [{ targets: [''] }] }],
    [
      'scrape config "j": staticConfigs: target "http://a:1" is not host:port: it contains "/"',
      { staticConfigs: [{ targets: ['http://a:1'] }] },
    ],
    [
      'scrape config "j": staticConfigs: label "a" is given twice',
      {
        staticConfigs: [
          {
            targets: ['a:1'],
            labels: [
              ['a', '1'],
              ['a', '2'],
            ],
          },
        ],
      },
    ],
    [
      'scrape config "j": http: basicAuth and authorization exclude each other',
      { http: { basicAuth: { username: 'u', password: secret }, authorization: { credentials: secret } } },
    ],
    ['scrape config "j": http: header "Host" is reserved', { http: { headers: { Host: 'x' } } }],
  ]
  test.each(invalid)('%s', (message, input) => {
    const validate = () => validateScrapeConfig({ jobName: 'j', ...input })
    expect(validate).toThrow(message)
    try {
      validate()
    } catch (error) {
      expect(isPromlineError(error, 'options')).toBe(true)
      expect(error).toMatchObject({ message })
    }
  })
})
