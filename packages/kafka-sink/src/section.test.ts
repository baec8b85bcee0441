import { loadConfig, Secret } from '@promline/core'
import { describe, expect, it } from 'vitest'
import { kafkaSinkSetup, kafkaWriteParser } from './section.js'

const parser = kafkaWriteParser({ pipelines: ['scrape', 'receive'] })

function parse(yaml: string) {
  return loadConfig(yaml, { file: '/etc/pipeline.yml', sections: { kafka_write: parser } }).sections.kafka_write
}

describe('kafkaWriteParser()', () => {
  it('fills in the defaults: the topic is a folder', () => {
    const defaults = {
      name: 'kafka',
      topic: 'prometheus-metrics',
      brokers: [],
      format: 'influx',
      metricVersion: 1,
      host: '',
      compression: 'none',
    }
    expect(parse('kafka_write: [{}]')).toEqual([defaults])
    expect(
      parse('kafka_write: [{ name: kafka, topic: prometheus-metrics, brokers: [], format: influx, metric_version: 1, host: "" }]'),
    ).toEqual([defaults])
    expect(parse('kafka_write:')).toEqual([])
    expect(parse('kafka_write: []')).toEqual([])
  })

  it('reads every key', () => {
    const yaml = `
kafka_write:
  - name: prod
    topic: metrics
    brokers: [a:9092, "b.example:9093"]
    format: telegraf-json
    metric_version: 2
    host: web-1
    compression: gzip
    sasl: { mechanism: SCRAM-SHA-512, username: promline, password_file: secret }
    tls: { ca_file: ca.pem }
    from: receive
    overflow: drop-oldest
    start: beginning
  - name: plain
    sasl: { mechanism: PLAIN, username: u, password: p }
    tls: {}
`
    expect(parse(yaml)).toEqual([
      {
        name: 'prod',
        topic: 'metrics',
        brokers: ['a:9092', 'b.example:9093'],
        format: 'telegraf-json',
        metricVersion: 2,
        host: 'web-1',
        compression: 'gzip',
        sasl: { mechanism: 'scram-sha-512', username: 'promline', password: { file: '/etc/secret' } },
        tls: { caFile: '/etc/ca.pem' },
        from: 'receive',
        overflow: 'drop-oldest',
        start: 'beginning',
      },
      expect.objectContaining({ sasl: { mechanism: 'plain', username: 'u', password: { value: new Secret('p') } }, tls: {} }),
    ])
  })

  it.each([
    ['kafka_write: {}', '/etc/pipeline.yml:1:14: kafka_write: expected a list, found a map'],
    ['kafka_write: [{ topics: x }]', '/etc/pipeline.yml:1:17: kafka_write[0].topics: unknown key; did you mean topic?'],
    [
      'kafka_write: [{ name: a b }]',
      '/etc/pipeline.yml:1:23: kafka_write[0].name: sink name "a b" is not 1 to 64 letters, digits, "-" and "_"',
    ],
    [
      'kafka_write: [{ topic: a/b }]',
      `/etc/pipeline.yml:1:24: kafka_write[0].topic: kafka sink: topic must match [A-Za-z0-9._-]{1,249} and be neither '.' nor '..', not "a/b"`,
    ],
    [
      'kafka_write: [{ brokers: [a] }]',
      '/etc/pipeline.yml:1:27: kafka_write[0].brokers[0]: kafka sink: brokers must be host:port, not "a"',
    ],
    ['kafka_write: [{ format: json }]', '/etc/pipeline.yml:1:25: kafka_write[0].format: "json" is not one of influx, telegraf-json'],
    ['kafka_write: [{ metric_version: 3 }]', '/etc/pipeline.yml:1:33: kafka_write[0].metric_version: "3" is not one of 1, 2'],
    [
      'kafka_write: [{ from: scarpe }]',
      '/etc/pipeline.yml:1:23: kafka_write[0].from: "scarpe" is not one of scrape, receive; did you mean scrape?',
    ],
    ['kafka_write: [{ overflow: drop }]', '/etc/pipeline.yml:1:27: kafka_write[0].overflow: "drop" is not one of block, drop-oldest'],
    ['kafka_write: [{ start: begin }]', '/etc/pipeline.yml:1:24: kafka_write[0].start: "begin" is not one of end, beginning'],
    ['kafka_write: [{ sasl: { mechanism: PLAIN } }]', '/etc/pipeline.yml:1:23: kafka_write[0].sasl: username is required'],
    [
      'kafka_write: [{ sasl: { mechanism: PLAIN, username: u } }]',
      '/etc/pipeline.yml:1:23: kafka_write[0].sasl: password or password_file is required',
    ],
    [
      'kafka_write: [{ sasl: { mechanism: PLAIN, username: u, password: p, password_file: f } }]',
      '/etc/pipeline.yml:1:84: kafka_write[0].sasl.password_file: password and password_file exclude each other',
    ],
    ['kafka_write: [{}, { topic: b }]', '/etc/pipeline.yml:1:19: kafka_write[1].name: "kafka" is the name of another kafka_write'],
  ])('refuses %s', (yaml, message) => {
    expect(() => parse(yaml)).toThrow(message)
  })
})

describe('kafkaSinkSetup()', () => {
  it('makes a sink of an entry', () => {
    const [folder, brokers] = parse('kafka_write: [{ name: a }, { name: b, brokers: ["h:9092"], tls: {} }]') ?? []
    expect(folder && kafkaSinkSetup(folder, { topicsDir: '/data/topics' }).sink.name).toBe('a')
    expect(brokers && kafkaSinkSetup(brokers, { topicsDir: '/data/topics' }).sink).toMatchObject({ name: 'b', maxInFlight: 1 })
  })

  it('gives it the place that the entry says', () => {
    const [plain, said] = parse('kafka_write: [{ name: a }, { name: b, overflow: drop-oldest, start: beginning }]') ?? []
    expect(plain && Object.keys(kafkaSinkSetup(plain, { topicsDir: '/data' }))).toEqual(['sink'])
    expect(said && kafkaSinkSetup(said, { topicsDir: '/data' })).toMatchObject({ overflow: 'drop-oldest', start: 'beginning' })
  })
})
