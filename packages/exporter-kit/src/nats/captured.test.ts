import { readFileSync } from 'node:fs'
import { parseTextFamilies } from '@promline/core'
import { describe, expect, test } from 'vitest'
import { accountzFamilies, accstatzFamilies } from './endpoints/accounts.js'
import { connzFamilies } from './endpoints/connz.js'
import type { EndpointContext } from './endpoints/endpoint-context.js'
import { gatewayzFamilies } from './endpoints/gatewayz.js'
import { genericFamilies } from './endpoints/generic.js'
import { healthzFamilies } from './endpoints/healthz.js'
import { jszFamilies } from './endpoints/jsz.js'
import { leafzFamilies } from './endpoints/leafz.js'
import { routezFamilies } from './endpoints/routez.js'
import { type JsonValue, parseExactJson } from './exact-json.js'
import type { NatsFamily } from './nats-family.js'
import { mergeFamilies, serializeFamilies } from './nats-exposition.js'

// A real server's answers, and what the real exporter made of the same server a moment later, under two sets of its flags: what is made of
// the answers here must be the same, line by line, but for what is listed.

const later = 'the exporter asked a moment after the answer was captured, and time had passed'
const requests = 'every read of an endpoint counts, those of the exporter among them'
const notYet = 'when /varz was captured nobody had read this endpoint, so its count was not there; the real exporter shows it from then on'

/** Families (without their prefix) whose values moved between the two reads: only those may differ. */
const moved: Readonly<Record<string, string>> = {
  connz_uptime: later,
  consumer_last_ack_seconds: later,
  consumer_last_delivery_seconds: later,
  varz_mem: 'the server used 1 MB more for the requests between the two reads',
  varz_http_req_stats_routez: requests,
  varz_http_req_stats_subsz: requests,
  varz_http_req_stats_varz: requests,
}

/** Families that the captured answers do not have yet. */
const notCaptured: Readonly<Record<string, string>> = {
  varz_http_req_stats_accountz: notYet,
  varz_http_req_stats_accstatz: notYet,
  varz_http_req_stats_connz: notYet,
  varz_http_req_stats_gatewayz: notYet,
  varz_http_req_stats_healthz: notYet,
  varz_http_req_stats_jsz: notYet,
  varz_http_req_stats_leafz: notYet,
}

const folder = new URL('testdata/nats-2.15.2/', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, folder), 'utf8')
const json = (file: string): JsonValue => parseExactJson(read(file))

function captured(context: EndpointContext, { detailed }: { detailed: boolean }): NatsFamily[][] {
  return [
    genericFamilies('varz', json('varz.json'), context),
    connzFamilies([json('connz.json')], context, { detailed }),
    routezFamilies(json('routez.json'), context),
    genericFamilies('subsz', json('subsz.json'), context),
    healthzFamilies('healthz', json('healthz.json'), context),
    jszFamilies([json('jsz.json')], context, { serverName: 'nats-a', streamMetaKeys: [], consumerMetaKeys: [], aliases: false }),
    leafzFamilies(json('leafz.json'), context),
    gatewayzFamilies(json('gatewayz.json'), context),
    accstatzFamilies(json('accstatz-unused.json'), context),
  ]
}

const prefixed: EndpointContext = { corePrefix: 'nats', jetstreamPrefix: 'nats', serverId: 'nats-a' }
const byDefault: EndpointContext = { corePrefix: 'gnatsd', jetstreamPrefix: 'jetstream', serverId: 'http://127.0.0.1:28222' }
const accounts = ['APP', 'SYS', 'G'].map((name) => json(`accountz-${name}.json`))

describe.each([
  ['exporter-prefix-nats.metrics.txt', [...captured(prefixed, { detailed: true }), accountzFamilies(accounts, prefixed)]],
  ['exporter-default-prefix.metrics.txt', captured(byDefault, { detailed: false })],
])('%s', (file, sources) => {
  const page = serializeFamilies(mergeFamilies(sources).families)
  const ours = page.trimEnd().split('\n')
  const real = read(file).trimEnd().split('\n')

  test('is equal line by line: order, names, labels, values, types and helps', () => {
    expect(ours.map(masked)).toEqual(real.filter((line) => !(nameOf(line) in notCaptured)).map(masked))
  })

  test('is equal family by family, as a parser reads it', () => {
    expect(families(page)).toEqual(families(read(file)))
  })

  test('differs by larger values only, and in all that is listed', () => {
    const realValues = new Map(real.map(splitLine))
    const differing = ours.map(splitLine).filter(([series, value]) => realValues.get(series) !== value)
    for (const [series, value] of differing) expect(realValues.get(series), series).toBeGreaterThan(value)
    const names = new Set([...differing.map(([series]) => nameOf(series)), ...real.map(nameOf).filter((name) => name in notCaptured)])
    // Without details no connection shows its uptime.
    const listed = Object.keys({ ...moved, ...notCaptured }).filter((name) => file.includes('nats') || name !== 'connz_uptime')
    expect([...names].sort()).toEqual(listed.sort())
  })
})

/** A sample's series and value; a comment whole. */
function splitLine(line: string): [series: string, value: number] {
  const end = line.startsWith('#') ? line.length : line.lastIndexOf(' ')
  return [line.slice(0, end), end === line.length ? 0 : Number(line.slice(end))]
}

function nameOf(line: string): string {
  return /^(?:# \w+ )?(?:nats|gnatsd|jetstream)_(\w+)/.exec(line)?.[1] ?? line
}

/** A line without the value that may differ. */
function masked(line: string): string {
  return nameOf(line) in moved && !line.startsWith('#') ? line.replace(/ \S+$/, ' (moved)') : line
}

function families(page: string) {
  return parseTextFamilies(Buffer.from(page), { mode: 'prometheus' })
    .filter(({ name }) => !(nameOf(name) in notCaptured))
    .map(({ samples, ...metadata }) => ({
      ...metadata,
      samples: samples.map(({ labels, value }) => [labels.toObject(), nameOf(metadata.name) in moved ? 'moved' : value]),
    }))
}
