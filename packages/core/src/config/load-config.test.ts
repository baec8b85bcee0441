import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Secret } from '../http/secret.js'
import type { Logger } from '../model/logger.js'
import type { ConfigNode } from './config-node.js'
import { loadConfig, loadRelabelConfigs } from './load-config.js'

function textOf(name: string): string {
  return readFileSync(new URL(`testdata/${name}`, import.meta.url), 'utf8')
}

function recordingLogger(): { lines: string[]; logger: Logger } {
  const lines: string[] = []
  const log =
    (level: string) =>
    (_: object, message: string): void => {
      lines.push(`${level} ${message}`)
    }
  return { lines, logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') } }
}

const { lines, logger } = recordingLogger()
const full = loadConfig(textOf('full.yml'), {
  file: 'conf/full.yml',
  sections: { 'x-auth': (node) => node.path },
  remoteWriteKeys: { from: (node) => node.choice(['scrape', 'receive']) },
  environment: { REPLICA: 'b' },
  logger,
})

describe('loadConfig()', () => {
  it('gives the defaults for an empty file', () => {
    const config = loadConfig('', { file: 'f.yml' })
    expect({ ...config.global, externalLabels: config.global.externalLabels.toObject() }).toEqual({
      scrapeIntervalMs: 60_000,
      scrapeTimeoutMs: 10_000,
      evaluationIntervalMs: 60_000,
      externalLabels: Object.create(null),
    })
    expect([config.scrapeConfigs, config.remoteWrite, config.ignoredSections, config.sections]).toEqual([[], [], [], {}])
  })

  it('reads the file that Prometheus ships', () => {
    const config = loadConfig(textOf('stock.yml'), { file: 'prometheus.yml' })
    expect(config.ignoredSections).toEqual(['alerting', 'rule_files'])
    expect(config.scrapeConfigs).toHaveLength(1)
    expect(config.scrapeConfigs[0]).toMatchObject({
      jobName: 'prometheus',
      scrapeIntervalMs: 15_000,
      scrapeTimeoutMs: 10_000,
      metricsPath: '/metrics',
      scheme: 'http',
    })
    expect(config.scrapeConfigs[0]?.staticConfigs).toMatchObject([{ targets: ['localhost:9090'] }])
  })

  it('takes empty sections', () => {
    const text = 'global:\nscrape_configs:\nremote_write:\nalerting:\n'
    expect(loadConfig(text, { file: 'f.yml' })).toMatchObject({ scrapeConfigs: [], remoteWrite: [], ignoredSections: ['alerting'] })
  })

  it('shortens the default timeout to the interval', () => {
    expect(loadConfig('global: { scrape_interval: 5s }', { file: 'f.yml' }).global.scrapeTimeoutMs).toBe(5_000)
    const short = loadConfig('scrape_configs: [{ job_name: j, scrape_interval: 2s }]', { file: 'f.yml' })
    expect(short.scrapeConfigs[0]).toMatchObject({ scrapeIntervalMs: 2_000, scrapeTimeoutMs: 2_000 })
  })

  it('reads global', () => {
    expect({ ...full.global, externalLabels: { ...full.global.externalLabels.toObject() } }).toEqual({
      scrapeIntervalMs: 10_000,
      scrapeTimeoutMs: 5_000,
      evaluationIntervalMs: 60_000,
      bodySizeLimitBytes: 16 * 1024 ** 2,
      sampleLimit: 5_000,
      labelLimit: 0,
      externalLabels: { cluster: 'eu-1', replica: 'b', shard: '7' },
    })
  })

  it('reads a job', () => {
    const [job] = full.scrapeConfigs
    expect({ ...job, http: undefined, staticConfigs: undefined }).toEqual({
      jobName: 'node',
      scrapeIntervalMs: 30_000,
      scrapeTimeoutMs: 5_000,
      metricsPath: '/probe',
      scheme: 'https',
      params: { module: ['http_2xx', 'icmp'], 'match[]': ['{job="x"}'] },
      honorLabels: true,
      honorTimestamps: false,
      trackTimestampsStaleness: true,
      enableCompression: false,
      bodySizeLimitBytes: 1024 ** 2,
      sampleLimit: 5_000,
      targetLimit: 10,
      labelLimit: 40,
      labelNameLengthLimit: 100,
      labelValueLengthLimit: 1_000,
      fallbackScrapeProtocol: 'text',
      relabelConfigs: [
        {
          sourceLabels: ['__address__', 'rack'],
          separator: '',
          regex: '(.+)',
          targetLabel: 'instance',
          replacement: '$1',
          action: 'replace',
        },
        { sourceLabels: ['__address__'], modulus: 18446744073709551615n, targetLabel: '__hash', action: 'hashmod' },
      ],
      metricRelabelConfigs: [{ sourceLabels: ['__name__'], regex: 'go_.*', action: 'drop' }],
    })
    expect(job?.staticConfigs).toMatchObject([{ targets: ['a:9100', 'b:9100'] }, { targets: [] }])
    expect(job?.http).toEqual({
      basicAuth: { username: 'promline', password: { file: 'conf/secrets/password' } },
      tls: {
        caFile: '/etc/ca.pem',
        certFile: 'conf/client.pem',
        key: new Secret('in-place-key'),
        serverName: 'node.example',
        insecureSkipVerify: true,
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.3',
      },
      followRedirects: false,
      headers: { 'X-Plain': 'a, b', 'X-Secret': new Secret('a, s3cr3t') },
    })
  })

  it('merges what an anchor holds', () => {
    expect(full.scrapeConfigs[1]).toMatchObject({
      jobName: '42',
      http: { authorization: { type: 'Bearer', credentials: { file: 'conf/token.txt' } } },
    })
  })

  it('reads remote_write', () => {
    const [first, second] = full.remoteWrite
    expect(first).toEqual({
      url: 'https://store.example/api/v1/write?tenant=a',
      name: 'remote-write-f3309705',
      remoteTimeoutMs: 10_000,
      headers: { 'X-Scope-OrgID': 'team-a' },
      writeRelabelConfigs: [{ regex: 'pod', action: 'labeldrop' }],
      externalLabels: full.global.externalLabels,
      sendExemplars: true,
      sendNativeHistograms: true,
      metadataConfig: { send: false, sendIntervalMs: 300_000, maxSamplesPerSend: 100 },
      queueConfig: {
        capacity: 2_500,
        maxShards: 4,
        minShards: 2,
        maxSamplesPerSend: 500,
        batchSendDeadlineMs: 2_000,
        minBackoffMs: 100,
        maxBackoffMs: 10_000,
        retryOnHttp429: false,
        sampleAgeLimitMs: 3_600_000,
      },
      http: { basicAuth: { username: 'user', password: { value: new Secret('p@ss') } } },
      from: 'receive',
    })
    expect(second).toMatchObject({
      url: 'http://127.0.0.1:9090/api/v1/write',
      name: 'second',
      remoteTimeoutMs: 30_000,
      headers: {},
      sendExemplars: false,
      sendNativeHistograms: false,
      metadataConfig: { send: true, sendIntervalMs: 60_000, maxSamplesPerSend: 2_000 },
      http: { authorization: { type: 'Bearer', credentials: { value: new Secret('t0k3n') } } },
    })
  })

  it('says what it ignores and what has no effect', () => {
    expect(full.ignoredSections).toEqual(['storage'])
    expect(lines).toEqual([
      'warn conf/full.yml:31:24: scrape_configs[0].scrape_protocols[0]: OpenMetricsText1.0.0 is not offered yet, and not asked for',
      'warn conf/full.yml:41:27: scrape_configs[0].keep_dropped_targets: has no effect: promline keeps no dropped targets',
      'warn conf/full.yml:34:19: scrape_configs[0].enable_http2: has no effect: promline speaks HTTP/1.1',
      'warn conf/full.yml:86:17: remote_write[0].queue_config.capacity: has no effect: the spool buffers',
      'warn conf/full.yml:88:19: remote_write[0].queue_config.min_shards: has no effect: requests in flight begin at none and end at max_shards',
      'warn conf/full.yml:93:26: remote_write[0].queue_config.retry_on_http_429: has no effect: status 429 is always retried',
      'info conf/full.yml: does not concern promline and is ignored: storage',
    ])
  })

  it('gives sections of others, empty ones too', () => {
    const options = { file: 'f.yml', sections: { console: (node: ConfigNode) => node.isEmpty, absent: () => 1 } }
    expect(loadConfig('console:', options).sections).toEqual({ console: true })
    expect(full.sections).toEqual({ 'x-auth': 'x-auth' })
  })

  it('places errors that its caller finds', () => {
    expect(full.root.at('remote_write').at(1).at('url').error('is the own receiver').message).toBe(
      'conf/full.yml:98:10: remote_write[1].url: is the own receiver',
    )
  })

  it('holds secrets that do not print', () => {
    const printed = `${inspect(full, { depth: 20 })} ${JSON.stringify(full.remoteWrite)} ${JSON.stringify(full.scrapeConfigs.map(({ http }) => http))}`
    for (const secret of ['in-place-key', 's3cr3t', 'p@ss', 'p%40ss', 't0k3n']) expect(printed).not.toContain(secret)
  })

  it('names what has no name by its URL, and tells twins apart', () => {
    const twins = recordingLogger()
    const text = 'remote_write: [{ url: "http://x/" }, { url: "http://x/" }, { url: "http://y/" }]'
    const { remoteWrite } = loadConfig(text, { file: 'f.yml', logger: twins.logger })
    expect(remoteWrite.map(({ name }) => name)).toEqual(['remote-write-37844e1d', 'remote-write-37844e1d-2', 'remote-write-dcd51e21'])
    expect(twins.lines).toEqual([
      'warn f.yml:1:38: remote_write[1]: has the URL of another one and no name: reordering them mixes up what each has sent, name them',
    ])
  })
})

describe('loadRelabelConfigs()', () => {
  it('reads a list of rules', () => {
    expect(loadRelabelConfigs('- { target_label: a, replacement: b }', { file: 'r.yml' })).toEqual([{ targetLabel: 'a', replacement: 'b' }])
    expect(loadRelabelConfigs('', { file: 'r.yml' })).toEqual([])
  })

  it('places faults', () => {
    expect(() => loadRelabelConfigs('- { action: drop, regex: "(" }', { file: 'r.yml' })).toThrow(
      'r.yml:1:26: [0].regex: regex "(" is not a valid RE2 expression: missing closing ): `^(?s:()$`',
    )
  })
})
