import { readdirSync } from 'node:fs'
import { silentLogger, sinkPlaceOf } from '@promline/core'
import { describe, expect, it } from 'vitest'
import { createSinks } from '../wiring/sinks.js'
import { loadPipelineConfig, parsePipelineConfig } from './load-pipeline-config.js'

const environment = { PROMLINE_CONSOLE_PASSWORD: 'secret' }
const configFolder = new URL('../../config/', import.meta.url)

function parse(text: string, variables: Record<string, string> = {}) {
  return parsePipelineConfig(text, { file: 'a.yml', environment: variables })
}

describe('loadPipelineConfig()', () => {
  it.each(readdirSync(configFolder))('reads the shipped %s', async (name) => {
    const config = await loadPipelineConfig(new URL(name, configFolder).pathname, { environment })
    expect(config.console.username).toBe('admin')
  })

  it('says which file it cannot read', async () => {
    await expect(loadPipelineConfig('/nowhere/a.yml', { environment })).rejects.toThrow(
      'cannot read the configuration /nowhere/a.yml: there is no such file or folder',
    )
  })

  it('has the written defaults where a section is empty, and nothing where it is absent', () => {
    const full = parse('exporter:\nspool:\nremote_write_receiver:\nkafka_write: [{}]\ninflux_write: [{}]\nconsole:\n')
    expect(full.exporter).toEqual({ listen: '127.0.0.1:8000', seed: 1 })
    expect(full.receiver).toEqual({ listen: '127.0.0.1:9201' })
    expect(full.spool).toEqual({
      maxBytes: 1024 ** 3,
      maxAgeMs: 0,
      minFreeBytes: 64 * 1024 ** 2,
      unusedGraceMs: 3 * 86_400_000,
      fsync: 'interval',
    })
    expect(full.console).toEqual({ listen: '127.0.0.1:8888', windowMs: 600_000, windowMaxBytes: 32 * 1024 ** 2, username: 'admin' })
    expect(full.kafkaWrite[0]).toMatchObject({
      name: 'kafka',
      topic: 'prometheus-metrics',
      brokers: [],
      format: 'influx',
      metricVersion: 1,
      host: '',
      from: 'scrape',
    })
    expect(full.influxWrite[0]).toMatchObject({
      name: 'influx',
      url: '',
      version: 1,
      database: 'mydb',
      schema: 'prometheus',
      from: 'receive',
    })
    const empty = parse('')
    expect(empty).toMatchObject({ scrapeConfigs: [], remoteWrite: [], kafkaWrite: [], influxWrite: [] })
    expect([empty.exporter, empty.receiver]).toEqual([undefined, undefined])
    expect(empty.console).toEqual(full.console)
  })

  it('is a stock prometheus.yml and more', () => {
    const config = parse(`
global: { scrape_interval: 15s, evaluation_interval: 15s }
alerting: { alertmanagers: [{ static_configs: [{ targets: [] }] }] }
rule_files: []
scrape_configs: [{ job_name: prometheus, static_configs: [{ targets: ['localhost:9090'] }] }]
remote_write: [{ url: 'http://a/write' }, { url: 'http://b/write', from: receive }]
remote_write_receiver:
`)
    expect(config.scrapeConfigs.map(({ jobName }) => jobName)).toEqual(['prometheus'])
    expect(config.remoteWrite.map(({ from }) => from)).toEqual(['scrape', 'receive'])
  })

  it('reads of every sink what happens at the cap, and where a new one begins', () => {
    const config = parse(`
remote_write: [{ url: 'http://a/write', overflow: drop-oldest }, { url: 'http://b/write', start: beginning }]
kafka_write: [{ overflow: block }]
influx_write: [{ from: scrape, overflow: drop-oldest, start: end }]
`)
    expect(config.remoteWrite.map(sinkPlaceOf)).toEqual([{ overflow: 'drop-oldest' }, { start: 'beginning' }])
    expect(config.kafkaWrite.map(sinkPlaceOf)).toEqual([{ overflow: 'block' }])
    expect(config.influxWrite.map(sinkPlaceOf)).toEqual([{ overflow: 'drop-oldest', start: 'end' }])
    const setups = createSinks('scrape', { config, dataDir: '/nowhere', logger: silentLogger })
    expect(setups.map(({ overflow, start }) => [overflow, start])).toEqual([
      ['drop-oldest', undefined],
      [undefined, 'beginning'],
      ['block', undefined],
      ['drop-oldest', 'end'],
    ])
  })

  it('takes the password of the page from the file or the environment', () => {
    expect(parse('console: { listen: 0.0.0.0:1 }', environment).console.password).toBeDefined()
    expect(parse('console: { listen: 0.0.0.0:1, username: ops, password: x }').console).toMatchObject({ username: 'ops' })
    expect(parse('console: { username: ops }', environment).console.password).toBeDefined()
    expect(parse('console: { listen: 0.0.0.0:1, password: x }').console).toMatchObject({ username: 'admin' })
    expect(JSON.stringify(parse('console: { username: ops, password: hunter2 }').console)).not.toContain('hunter2')
  })

  it('reads what the page shows of clusters', () => {
    expect(parse('console: { clusters: {} }').console.clusters).toEqual({})
    expect(parse('console: { clusters: { label: dc, compare: [up, \'rate(x{a="b"})\'] } }').console.clusters).toEqual({
      label: 'dc',
      compare: ['up', 'rate(x{a="b"})'],
    })
  })

  it.each([
    [
      'influx_write: [{}]',
      'a.yml:1:16: influx_write[0]: takes from `receive`, but nothing is received: add a section remote_write_receiver, or say `from: scrape`',
    ],
    [
      "remote_write_receiver:\nremote_write:\n  - { url: 'http://localhost:9201/api/v1/write', from: receive }",
      'a.yml:3:12: remote_write[0].url: takes from `receive` and points at the own receiver (127.0.0.1:9201): samples would go round for ever',
    ],
    [
      'kafka_write: [{ name: x, topic: a }, { name: y, topic: a }]',
      'a.yml:1:38: kafka_write[1]: a folder for topic "a" is there already, at line 1',
    ],
    [
      "remote_write: [{ name: x, url: 'http://a/' }]\nkafka_write: [{ name: x }]",
      'a.yml:2:15: kafka_write[0]: a sink named "x" is there already, at line 1',
    ],
    [
      'console: { listen: 0.0.0.0:8888 }',
      'a.yml:1:20: console.listen: 0.0.0.0:8888 is beyond loopback, where the page asks for credentials: set console.password, console.password_file or the environment variable PROMLINE_CONSOLE_PASSWORD',
    ],
    [
      'console: { username: ops }',
      'a.yml:1:22: console.username: a username without a password would let everybody in: set console.password, console.password_file or the environment variable PROMLINE_CONSOLE_PASSWORD, or leave the username out',
    ],
    ['console: { password: a, password_file: b }', 'a.yml:1:40: console.password_file: password and password_file exclude each other'],
    [
      "console: { clusters: { compare: [up, 'x{'] } }",
      'a.yml:1:38: console.clusters.compare[1]: figure to compare "x{": selector "x{" has no closing brace',
    ],
    ['spool: { unused_grace: -1h }', 'a.yml:1:24: spool.unused_grace: expected a duration like 15s, 1h30m or 0, found "-1h"'],
    ['spool: { fsync: sometimes }', 'a.yml:1:17: spool.fsync: "sometimes" is not one of interval, always, os'],
    ['exportr: {}', 'a.yml:1:1: exportr: unknown key; did you mean exporter?'],
    ['exporter: { seed: -1 }', 'a.yml:1:19: exporter.seed: must be at least 0, not -1'],
    [
      'remote_write: [{ url: "http://a/", from: elsewhere }]',
      'a.yml:1:42: remote_write[0].from: "elsewhere" is not one of scrape, receive',
    ],
    [
      'remote_write: [{ url: "http://a/", overflow: drop }]',
      'a.yml:1:46: remote_write[0].overflow: "drop" is not one of block, drop-oldest',
    ],
    ['kafka_write: [{ start: first }]', 'a.yml:1:24: kafka_write[0].start: "first" is not one of end, beginning'],
    ['influx_write: [{ overflows: block }]', 'a.yml:1:18: influx_write[0].overflows: unknown key; did you mean overflow?'],
  ])('refuses %s', (text, message) => {
    expect(() => parse(text)).toThrow(message)
  })
})
