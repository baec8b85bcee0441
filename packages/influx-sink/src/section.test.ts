import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { batchOf, loadConfig, Secret } from '@promline/core'
import { describe, expect, it } from 'vitest'
import { influxSinkSetup, influxWriteParser } from './section.js'

const parser = influxWriteParser({ pipelines: ['scrape', 'receive'] })

function parse(yaml: string) {
  return loadConfig(yaml, { file: '/etc/pipeline.yml', sections: { influx_write: parser } }).sections.influx_write
}

describe('influxWriteParser()', () => {
  it('fills in the defaults: the database is a file', () => {
    const defaults = { name: 'influx', url: '', version: 1, database: 'mydb', schema: 'prometheus' }
    expect(parse('influx_write: [{}]')).toEqual([defaults])
    expect(parse('influx_write: [{ name: influx, url: "", version: 1, database: mydb, schema: prometheus }]')).toEqual([defaults])
    expect(parse('influx_write:')).toEqual([])
  })

  it('reads every key', () => {
    const yaml = `
influx_write:
  - name: one
    url: http://influxdb:8086
    database: metrics
    username: u
    password_file: secret
    schema: telegraf-v2
    tls_config: { ca_file: ca.pem }
    from: receive
    overflow: drop-oldest
    start: beginning
  - { name: two, url: "https://influxdb", version: 2, org: o, bucket: b, token: t }
  - { name: three, url: "https://influxdb", version: 3, database: d, token_file: t }
`
    expect(parse(yaml)).toEqual([
      {
        name: 'one',
        url: 'http://influxdb:8086',
        version: 1,
        database: 'metrics',
        username: 'u',
        password: { file: '/etc/secret' },
        schema: 'telegraf-v2',
        tls: { caFile: '/etc/ca.pem' },
        from: 'receive',
        overflow: 'drop-oldest',
        start: 'beginning',
      },
      {
        name: 'two',
        url: 'https://influxdb',
        version: 2,
        database: 'mydb',
        org: 'o',
        bucket: 'b',
        token: { value: new Secret('t') },
        schema: 'prometheus',
      },
      expect.objectContaining({ name: 'three', version: 3, token: { file: '/etc/t' } }),
    ])
  })

  it('takes the login out of a URL, which is printed', () => {
    expect(parse('influx_write: [{ url: "http://u:p%40@h:8086/" }]')).toMatchObject([
      { url: 'http://h:8086/', username: 'u', password: { value: new Secret('p@') } },
    ])
  })

  it.each([
    ['influx_write: [{ urls: x }]', '/etc/pipeline.yml:1:18: influx_write[0].urls: unknown key; did you mean url?'],
    ['influx_write: [{ url: ftp://h }]', '/etc/pipeline.yml:1:23: influx_write[0].url: is not an absolute http or https URL'],
    ['influx_write: [{ version: 4 }]', '/etc/pipeline.yml:1:27: influx_write[0].version: "4" is not one of 1, 2, 3'],
    [
      'influx_write: [{ name: a/b }]',
      '/etc/pipeline.yml:1:24: influx_write[0].name: sink name "a/b" is not 1 to 64 letters, digits, "-" and "_"',
    ],
    [
      'influx_write: [{ schema: x }]',
      '/etc/pipeline.yml:1:26: influx_write[0].schema: "x" is not one of prometheus, telegraf-v1, telegraf-v2',
    ],
    [
      'influx_write: [{ url: "http://h", version: 2 }]',
      '/etc/pipeline.yml:1:16: influx_write[0]: influx sink: org must be given, not undefined',
    ],
    [
      'influx_write: [{ url: "http://h", username: u }]',
      '/etc/pipeline.yml:1:16: influx_write[0]: influx sink: username and password belong together, not "u"',
    ],
    [
      'influx_write: [{ token: a, token_file: b }]',
      '/etc/pipeline.yml:1:40: influx_write[0].token_file: token and token_file exclude each other',
    ],
    ['influx_write: [{ overflow: drop }]', '/etc/pipeline.yml:1:28: influx_write[0].overflow: "drop" is not one of block, drop-oldest'],
    ['influx_write: [{ start: begin }]', '/etc/pipeline.yml:1:25: influx_write[0].start: "begin" is not one of end, beginning'],
    ['influx_write: [{}, {}]', '/etc/pipeline.yml:1:20: influx_write[1].name: "influx" is the name of another influx_write'],
  ])('refuses %s', (yaml, message) => {
    expect(() => parse(yaml)).toThrow(message)
  })
})

describe('influxSinkSetup()', () => {
  it('writes a file of the name of the database, whatever that is', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'influx-section-'))
    const [config] = parse('influx_write: [{ database: "a/../b" }]') ?? []
    if (config === undefined) throw new Error('nothing was parsed')
    const { sink } = influxSinkSetup(config, { dir })
    const parts = sink.encode([batchOf([{ labels: { __name__: 'up' }, value: 1, timestampMs: 1000 }])])
    expect(await sink.send(parts[0]?.body, { signal: new AbortController().signal, attempt: 1 })).toEqual({ status: 'delivered' })
    await sink.close?.()
    expect(await readFile(join(dir, 'a%2F..%2Fb.lp'), 'utf8')).toBe('up value=1 1000000000\n')
    await rm(dir, { recursive: true })
  })

  it('writes to a server', () => {
    const [config] = parse('influx_write: [{ name: one, url: "http://h:8086", database: d }]') ?? []
    expect(config && influxSinkSetup(config, { dir: '/none' }).sink).toMatchObject({ name: 'one', maxBodyBytes: 5_000_000 })
  })

  it.each(['database: d', 'url: "http://h:8086", database: d'])('gives {%s} the place that the entry says', (keys) => {
    const [plain, said] = parse(`influx_write: [{ name: a, ${keys} }, { name: b, ${keys}, overflow: drop-oldest, start: beginning }]`) ?? []
    expect(plain && Object.keys(influxSinkSetup(plain, { dir: '/none' }))).toEqual(['sink'])
    expect(said && influxSinkSetup(said, { dir: '/none' })).toMatchObject({ overflow: 'drop-oldest', start: 'beginning' })
  })
})
