import { describe, expect, it } from 'vitest'
import { ConfigError } from './config-error.js'
import { loadConfig } from './load-config.js'

function messageOf(text: string): string {
  try {
    loadConfig(text, { file: 'f.yml', sections: { spool: (node) => node.fields({ fsync: (field) => field.string() }) }, environment: {} })
  } catch (error) {
    return error instanceof ConfigError ? error.message : `not a ConfigError: ${String(error)}`
  }
  return 'accepted'
}

/** A job with these lines. */
function job(...lines: readonly string[]): string {
  return ['scrape_configs:', '  - job_name: j', ...lines.map((line) => `    ${line}`)].join('\n')
}

/** An entry of remote_write with these lines. */
function write(...lines: readonly string[]): string {
  return ['remote_write:', '  - url: http://x/', ...lines.map((line) => `    ${line}`)].join('\n')
}

/** A job with one rule of these lines. */
function rule(...lines: readonly string[]): string {
  return job('metric_relabel_configs:', ...lines.map((line, i) => `${i === 0 ? '  - ' : '    '}${line}`))
}

type Case = readonly [yaml: string, message: string]

const files: readonly Case[] = [
  ['- a', 'f.yml:1:1: expected a map, found a list'],
  ['just text', 'f.yml:1:1: expected a map, found a single value'],
  ['global: [', 'f.yml:1:10: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]'],
  ['scrape_config: []', 'f.yml:1:1: scrape_config: unknown key; did you mean scrape_configs?'],
  ['receivers: []', 'f.yml:1:1: receivers: unknown key'],
  ['spol: {}', 'f.yml:1:1: spol: unknown key; did you mean spool?'],
  ['spool: { fsnc: os }', 'f.yml:1:10: spool.fsnc: unknown key; did you mean fsync?'],
  ['scrape_config_files: [a.yml]', 'f.yml:1:1: scrape_config_files: promline does not offer this yet'],
  ['global: {}\nglobal: {}', 'f.yml:2:1: not valid YAML: Map keys must be unique'],
]

const globals: readonly Case[] = [
  ['global:\n  scrape_intervall: 15s', 'f.yml:2:3: global.scrape_intervall: unknown key; did you mean scrape_interval?'],
  ['global:\n  scrape_interval: 15', 'f.yml:2:20: global.scrape_interval: expected a duration like 15s, 1h30m or 0, found "15"'],
  ['global:\n  scrape_timeout: 61s', 'f.yml:2:19: global.scrape_timeout: 1m1s is longer than the scrape_interval of 1m'],
  ['global:\n  scrape_failure_log_file: x', 'f.yml:2:3: global.scrape_failure_log_file: promline does not offer this yet'],
  ['global:\n  extra_scrape_metrics: true', 'f.yml:2:25: global.extra_scrape_metrics: promline does not offer this yet'],
  [
    'global:\n  metric_name_validation_scheme: legacy',
    'f.yml:2:34: global.metric_name_validation_scheme: promline does not offer this yet',
  ],
  [
    'global:\n  body_size_limit: 100',
    'f.yml:2:20: global.body_size_limit: expected a size with a unit, like 64MB or 1GiB, or 0, found "100"',
  ],
  ['global:\n  sample_limit: -1', 'f.yml:2:17: global.sample_limit: must be at least 0, not -1'],
  ['global:\n  external_labels: [a]', 'f.yml:2:20: global.external_labels: expected a map, found a list'],
  ['global:\n  external_labels: { "": x }', 'f.yml:2:26: global.external_labels[""]: "" is not a valid label name'],
  ['global:\n  external_labels: { a: "\\ud800" }', 'f.yml:2:25: global.external_labels.a: a lone surrogate has no UTF-8 form'],
  ['global:\n  external_labels: { a: { b: c } }', 'f.yml:2:25: global.external_labels.a: expected a text, found a map'],
]

const jobs: readonly Case[] = [
  ['scrape_configs:\n  - metrics_path: /m', 'f.yml:2:5: scrape_configs[0]: job_name is required'],
  ['scrape_configs:\n  - job_name: ""', 'f.yml:2:15: scrape_configs[0].job_name: must not be empty'],
  ['scrape_configs:\n  -', 'f.yml:2:4: scrape_configs[0]: is empty'],
  ['scrape_configs:\n  - job_name: j\n  - job_name: j', 'f.yml:3:15: scrape_configs[1].job_name: "j" is the name of another job'],
  [job('kubernetes_sd_configs: []'), 'f.yml:3:5: scrape_configs[0].kubernetes_sd_configs: promline does not offer this yet'],
  [job('oauth2: {}'), 'f.yml:3:5: scrape_configs[0].oauth2: promline does not offer this yet'],
  [job('metricspath: /m'), 'f.yml:3:5: scrape_configs[0].metricspath: unknown key; did you mean metrics_path?'],
  [job('scrape_timeout: 2m'), 'f.yml:3:21: scrape_configs[0].scrape_timeout: 2m is longer than the scrape_interval of 1m'],
  [job('scrape_interval: 30d'), 'f.yml:3:22: scrape_configs[0].scrape_interval: must be at most 24d20h31m23s647ms, not 30d'],
  [job('metrics_path: ""'), 'f.yml:3:19: scrape_configs[0].metrics_path: must not be empty'],
  [job('static_configs: [{ targets: [""] }]'), 'f.yml:3:34: scrape_configs[0].static_configs[0].targets[0]: must not be empty'],
  [job('scheme: ftp'), 'f.yml:3:13: scrape_configs[0].scheme: "ftp" is not one of http, https'],
  [job('honor_labels: maybe'), 'f.yml:3:19: scrape_configs[0].honor_labels: expected true or false, found "maybe"'],
  [job('params: { a: b }'), 'f.yml:3:18: scrape_configs[0].params.a: expected a list, found a single value'],
  [
    job('static_configs: [{ targets: ["http://x/"] }]'),
    'f.yml:3:34: scrape_configs[0].static_configs[0].targets[0]: "http://x/" is not host:port; the scheme and the path are set by scheme and metrics_path',
  ],
  [job('static_configs: [{ target: [x] }]'), 'f.yml:3:24: scrape_configs[0].static_configs[0].target: unknown key; did you mean targets?'],
  [
    job('static_configs: [{ targets: x }]'),
    'f.yml:3:33: scrape_configs[0].static_configs[0].targets: expected a list, found a single value',
  ],
  [
    job('scrape_protocols: [OpenMetricsText1.0.0]'),
    'f.yml:3:23: scrape_configs[0].scrape_protocols: none of these is offered yet: add PrometheusText1.0.0 or PrometheusText0.0.4',
  ],
  [
    job('scrape_protocols: [PrometheusText0.0.4, PrometheusText0.0.4]'),
    'f.yml:3:45: scrape_configs[0].scrape_protocols[1]: PrometheusText0.0.4 is given twice',
  ],
  [
    job('scrape_protocols: [PrometheusText0.0.5]'),
    'f.yml:3:24: scrape_configs[0].scrape_protocols[0]: "PrometheusText0.0.5" is not one of PrometheusText1.0.0, PrometheusText0.0.4, OpenMetricsText1.0.0, OpenMetricsText0.0.1, PrometheusProto; did you mean PrometheusText0.0.4?',
  ],
  [
    job('fallback_scrape_protocol: PrometheusProto'),
    'f.yml:3:31: scrape_configs[0].fallback_scrape_protocol: promline does not offer this yet',
  ],
]

const rules: readonly Case[] = [
  [rule('regex: x'), "f.yml:4:9: scrape_configs[0].metric_relabel_configs[0].target_label: relabel action replace requires 'target_label'"],
  [
    rule('action: keep', 'regex: "("'),
    'f.yml:5:16: scrape_configs[0].metric_relabel_configs[0].regex: regex "(" is not a valid RE2 expression: missing closing ): `^(?s:()$`',
  ],
  [
    rule('action: rename'),
    'f.yml:4:17: scrape_configs[0].metric_relabel_configs[0].action: "rename" is not one of replace, lowercase, uppercase, keep, drop, keepequal, dropequal, hashmod, labelmap, labeldrop, labelkeep',
  ],
  [rule('action:', 'target_label: a'), 'f.yml:4:9: scrape_configs[0].metric_relabel_configs[0].action: expected a text, found nothing'],
  [
    rule('action: hashmod', 'target_label: a', 'modulus: -1'),
    'f.yml:6:18: scrape_configs[0].metric_relabel_configs[0].modulus: expected an integer, found "-1"',
  ],
  [
    rule('action: hashmod', 'target_label: a', 'modulus: 010'),
    'f.yml:6:18: scrape_configs[0].metric_relabel_configs[0].modulus: expected an integer, found "010"',
  ],
  [
    rule('action: labeldrop', 'source_labels: []'),
    "f.yml:5:24: scrape_configs[0].metric_relabel_configs[0].source_labels: relabel action labeldrop takes only 'regex', not 'source_labels'",
  ],
  [
    rule('action: keepequal', 'target_label: a', 'regex: (.*)'),
    "f.yml:6:16: scrape_configs[0].metric_relabel_configs[0].regex: relabel action keepequal takes only 'source_labels' and 'target_label', not 'regex'",
  ],
  [
    rule('source_labels: a'),
    'f.yml:4:24: scrape_configs[0].metric_relabel_configs[0].source_labels: expected a list, found a single value',
  ],
  [rule('source_labels: [""]'), 'f.yml:4:25: scrape_configs[0].metric_relabel_configs[0].source_labels[0]: "" is not a valid label name'],
  [
    rule('source_label: [a]'),
    'f.yml:4:9: scrape_configs[0].metric_relabel_configs[0].source_label: unknown key; did you mean source_labels?',
  ],
]

const clients: readonly Case[] = [
  [
    job('basic_auth: { username: u }', 'authorization: { credentials: x }'),
    'f.yml:4:20: scrape_configs[0].authorization: basic_auth and authorization exclude each other',
  ],
  [
    job('bearer_token: x', 'bearer_token_file: y'),
    'f.yml:4:24: scrape_configs[0].bearer_token_file: bearer_token and bearer_token_file exclude each other',
  ],
  [
    job('basic_auth: { password: hunter2, password_file: x }'),
    'f.yml:3:53: scrape_configs[0].basic_auth.password_file: password and password_file exclude each other',
  ],
  [job('basic_auth: { username: "a:b" }'), 'f.yml:3:29: scrape_configs[0].basic_auth.username: a username must not contain ":"'],
  [job('basic_auth: { username_file: x }'), 'f.yml:3:19: scrape_configs[0].basic_auth.username_file: promline does not offer this yet'],
  [job('basic_auth: { password: [hunter2] }'), 'f.yml:3:29: scrape_configs[0].basic_auth.password: expected a text, found a list'],
  [job('authorization: { type: Bearer }'), 'f.yml:3:20: scrape_configs[0].authorization: credentials or credentials_file is required'],
  [
    job('authorization: { type: Basic, credentials: x }'),
    'f.yml:3:28: scrape_configs[0].authorization.type: "basic" is what basic_auth is for',
  ],
  [job('tls_config: { cert_file: x }'), 'f.yml:3:17: scrape_configs[0].tls_config: a client certificate needs its key'],
  [job('tls_config: { ca: x, ca_file: y }'), 'f.yml:3:35: scrape_configs[0].tls_config.ca_file: ca and ca_file exclude each other'],
  [
    job('tls_config: { min_version: TLS14 }'),
    'f.yml:3:32: scrape_configs[0].tls_config.min_version: "TLS14" is not one of TLS10, TLS11, TLS12, TLS13; did you mean TLS10?',
  ],
  [
    job('tls_config: { min_version: TLS13, max_version: TLS12 }'),
    'f.yml:3:52: scrape_configs[0].tls_config.max_version: is below min_version',
  ],
  [job('tls_config: { key_ref: x }'), 'f.yml:3:19: scrape_configs[0].tls_config.key_ref: promline does not offer this yet'],
  [job('http_headers: { Host: { values: [x] } }'), 'f.yml:3:27: scrape_configs[0].http_headers.Host: header "Host" is reserved'],
  [job('http_headers: { X: { files: [x] } }'), 'f.yml:3:26: scrape_configs[0].http_headers.X.files: promline does not offer this yet'],
]

const writes: readonly Case[] = [
  ['remote_write:\n  - name: a', 'f.yml:2:5: remote_write[0]: url is required'],
  [
    'remote_write:\n  - url: http://user:100%@x',
    'f.yml:2:10: remote_write[0].url: has a user or password with a "%" that begins no escape: write it as %25',
  ],
  ['remote_write:\n  - url: user:hunter2@x', 'f.yml:2:10: remote_write[0].url: is not an absolute http or https URL'],
  ['remote_write: { url: http://x/ }', 'f.yml:1:15: remote_write: expected a list, found a map'],
  [write('name: a b'), 'f.yml:3:11: remote_write[0].name: "a b" is not 1 to 64 letters, digits, "-" and "_"'],
  [`${write('name: a')}\n  - { url: "http://y/", name: a }`, 'f.yml:4:31: remote_write[1].name: "a" is the name of another remote_write'],
  [write('remote_timeout: 0'), 'f.yml:3:21: remote_write[0].remote_timeout: must be at least 1ms, not 0s'],
  [write('headers: { Content-Type: x }'), 'f.yml:3:30: remote_write[0].headers.Content-Type: header "Content-Type" is reserved'],
  [
    write('headers: { authorization: Bearer hunter2 }'),
    'f.yml:3:31: remote_write[0].headers.authorization: this header is set by basic_auth or authorization',
  ],
  [write('headers: { "a b": x }'), 'f.yml:3:23: remote_write[0].headers["a b"]: header name "a b" is not a token'],
  [write('headers: { a: "x\\ny" }'), 'f.yml:3:19: remote_write[0].headers.a: header "a" has a value with control characters'],
  [
    write('protobuf_message: io.prometheus.write.v2.Request'),
    'f.yml:3:23: remote_write[0].protobuf_message: promline does not offer this yet',
  ],
  [
    write('protobuf_message: prometheus.Request'),
    'f.yml:3:23: remote_write[0].protobuf_message: "prometheus.Request" is not one of prometheus.WriteRequest, io.prometheus.write.v2.Request; did you mean prometheus.WriteRequest?',
  ],
  [write('sigv4: {}'), 'f.yml:3:5: remote_write[0].sigv4: promline does not offer this yet'],
  [write('from: scrape'), 'f.yml:3:5: remote_write[0].from: unknown key'],
  [write('round_robin_dns: true'), 'f.yml:3:22: remote_write[0].round_robin_dns: promline does not offer this yet'],
  [write('queue_config: { max_shards: 0 }'), 'f.yml:3:33: remote_write[0].queue_config.max_shards: must be at least 1, not 0'],
  [
    write('queue_config: { max_shards: 2, min_shards: 3 }'),
    'f.yml:3:33: remote_write[0].queue_config.max_shards: 2 is below min_shards, 3',
  ],
  [write('queue_config: { max_backoff: 10ms }'), 'f.yml:3:34: remote_write[0].queue_config.max_backoff: 10ms is below min_backoff, 30ms'],
  [write('queue_config: { shards: 1 }'), 'f.yml:3:21: remote_write[0].queue_config.shards: unknown key'],
  [write('metadata_config: { send: 1 }'), 'f.yml:3:30: remote_write[0].metadata_config.send: expected true or false, found "1"'],
  [
    write('write_relabel_configs: [{ action: drop, target_label: "" , regex: "a{1001}" }]'),
    'f.yml:3:71: remote_write[0].write_relabel_configs[0].regex: regex "a{1001}" is not a valid RE2 expression: invalid repeat count: `{1001}`',
  ],
]

describe('loadConfig() refuses', () => {
  it.each([...files, ...globals, ...jobs, ...rules, ...clients, ...writes])('%j', (yaml, message) => {
    expect(messageOf(yaml)).toBe(message)
  })
})

describe('loadConfig() accepts', () => {
  it('a text without options, and names it by itself', () => {
    expect(loadConfig('').scrapeConfigs).toEqual([])
    expect(() => loadConfig('globe: {}')).toThrow(/^prometheus\.yml:1:1: globe: /)
  })

  it.each([
    ['defaults spelled out', job('scrape_native_histograms: false', 'metric_name_escaping_scheme: allow-utf-8', 'enable_http2: false')],
    [
      'a URL as a target of a probe',
      job(
        'static_configs: [{ targets: ["http://x/"] }]',
        'relabel_configs: [{ source_labels: [__address__], target_label: __param_target }]',
      ),
    ],
    ['zero for what global says', `global: { scrape_interval: 0s, scrape_timeout: 0s }\n${job('scrape_interval: 0s', 'sample_limit: 0')}`],
    ['queries in global', 'global: { query_log_file: q.log, rule_query_offset: 1m }'],
    ['unbalanced sections of Prometheus', 'alerting: nonsense\ntracing: [1]'],
  ])('%s', (_, yaml) => {
    expect(messageOf(yaml)).toBe('accepted')
  })
})
