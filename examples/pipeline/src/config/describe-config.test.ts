import { describe, expect, it } from 'vitest'
import { describeConfig } from './describe-config.js'
import { parsePipelineConfig } from './load-pipeline-config.js'

function describeText(text: string): string {
  return describeConfig(parsePipelineConfig(text, { file: 'a.yml', environment: {} }), { dataDir: 'data' })
}

describe('describeConfig()', () => {
  it('says what an empty file comes to', () => {
    expect(describeText('')).toBe(`  takes in
    nothing: there are neither scrape_configs nor a remote_write_receiver
  sends to
    nothing: there is no remote_write, kafka_write or influx_write; what comes in is only shown on the page
  listens on
    127.0.0.1:8888: the page and /metrics
`)
  })

  it('has a line for each job, sink and address', () => {
    const text = `
scrape_configs:
  - { job_name: one, static_configs: [{ targets: [a:1] }] }
  - job_name: shard
    scrape_interval: 1m30s
    static_configs: [{ targets: [a:1, b:1] }, { targets: [c:1] }]
    relabel_configs: [{ source_labels: [__address__], regex: b:1, action: drop }]
  - { job_name: none, scrape_interval: 500ms, scrape_timeout: 500ms }
remote_write_receiver: { clients: [{ name: a, basic_auth: { username: a, password: hunter2 } }] }
exporter:
remote_write: [{ name: far, url: 'https://u:hunter2@far:1/write?token=hunter2' }]
kafka_write: [{ topic: t }, { name: brokers, brokers: [k1:9092, k2:9092], sasl: { mechanism: PLAIN, username: u, password: hunter2 } }]
influx_write:
  - { database: a/b }
  - { name: one, url: 'http://u:hunter2@i:8086', from: scrape }
  - { name: two, url: 'http://i:8086', version: 2, org: o, bucket: b, token: hunter2, from: scrape }
console: { listen: 0.0.0.0:80, username: ops, password: hunter2 }
`
    expect(describeText(text)).toBe(`  takes in
    one: 1 target every 1m
    shard: 2 targets every 1m30s
    none: no target every 500ms
    remote write of 1 client
  sends to
    far: remote write, https://far:1/write (what is scraped)
    kafka: file data/topics/t/0.ndjson (what is scraped)
    brokers: Kafka, topic prometheus-metrics at k1:9092, k2:9092 (what is scraped)
    influx: file data/influx/a%2Fb.lp (what is received)
    one: InfluxDB 1, database mydb at http://i:8086/ (what is scraped)
    two: InfluxDB 2, bucket b at http://i:8086/ (what is scraped)
  listens on
    0.0.0.0:80: the page and /metrics, for those with its password
    127.0.0.1:9201: the receiver of remote write
    127.0.0.1:8000: the exporter
`)
  })

  it('says who may write to a receiver that knows no clients', () => {
    expect(describeText('remote_write_receiver:')).toContain('\n    remote write of everybody who can reach it\n')
  })
})
