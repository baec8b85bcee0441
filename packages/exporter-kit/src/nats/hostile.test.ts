import { isPromlineError, parseTextFamilies } from '@promline/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accountNames, accountzFamilies, accstatzFamilies } from './endpoints/accounts.js'
import { connzFamilies } from './endpoints/connz.js'
import type { EndpointContext } from './endpoints/endpoint-context.js'
import { gatewayzFamilies } from './endpoints/gatewayz.js'
import { genericFamilies } from './endpoints/generic.js'
import { healthzFamilies } from './endpoints/healthz.js'
import { jszFamilies } from './endpoints/jsz.js'
import { leafzFamilies } from './endpoints/leafz.js'
import { routezFamilies } from './endpoints/routez.js'
import { type JsonValue, parseExactJson } from './exact-json.js'
import { captured } from './fake-monitor.test.helper.js'
import { mergeFamilies, serializeFamilies } from './nats-exposition.js'
import type { NatsFamily } from './nats-family.js'

const context: EndpointContext = { corePrefix: 'nats', jetstreamPrefix: 'nats', serverId: 'a' }
const jsz = { serverName: 'nats-a', streamMetaKeys: ['owner'], consumerMetaKeys: ['__proto__'], aliases: true }
const gateways = JSON.stringify({
  name: 'east',
  outbound_gateways: { west: { configured: true, connection: { cid: 5, start: '2026-11-21T23:16:25Z', rtt: '1ms', in_msgs: 1 } } },
  inbound_gateways: { west: [{ configured: false, connection: { cid: 6, uptime: '1d2h' } }] },
})
const routes = '{"server_id": "a", "num_routes": 1, "routes": [{"rid": 1, "remote_name": "b", "rtt": "1ms", "uptime": "1s"}]}'

const endpoints: readonly (readonly [name: string, answer: string, families: (json: JsonValue) => NatsFamily[]])[] = [
  ['varz', captured('varz.json'), (json) => genericFamilies('varz', json, context)],
  ['connz', captured('connz.json'), (json) => connzFamilies([json], context, { detailed: true })],
  ['routez', routes, (json) => routezFamilies(json, context)],
  ['gatewayz', gateways, (json) => gatewayzFamilies(json, context)],
  ['leafz', captured('leafz.json'), (json) => leafzFamilies(json, context)],
  ['healthz', captured('healthz.json'), (json) => healthzFamilies('healthz', json, context)],
  ['jsz', captured('jsz.json'), (json) => jszFamilies([json], context, jsz)],
  ['accstatz', captured('accstatz-unused.json'), (json) => accstatzFamilies(json, context)],
  ['accountz', captured('accountz-APP.json'), (json) => accountzFamilies([json], context)],
]

/** Any value in the place of one to three values of an answer. */
function mutated(answer: string): fc.Arbitrary<string> {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom(null, {}, [], '', -1, 2 ** 64, 0.5, '1y2d', '\u0000\ud800', 'a"\\\n'))
  return fc.array(fc.tuple(fc.nat(), value), { minLength: 1, maxLength: 3 }).map((changes) => {
    const tree: unknown = JSON.parse(answer)
    const places = placesOf(tree)
    for (const [i, replacement] of changes) {
      const { parent, key } = places[i % places.length]!
      Reflect.set(parent, key, replacement)
    }
    return JSON.stringify(tree)
  })
}

/** Every member of every object and list within. */
function placesOf(value: unknown): { readonly parent: object; readonly key: string }[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => [{ parent: value, key }, ...placesOf(member)])
}

describe.each(endpoints)('%s', (_name, answer, families) => {
  test('whatever the answer is, it is refused by name, or makes a page that a parser reads, with no series twice', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), mutated(answer)), (text) => {
        const page = pageOf(families, parseExactJson(text)) ?? ''
        const series = parseTextFamilies(Buffer.from(page), { mode: 'prometheus' }).flatMap(({ samples }) =>
          samples.map(({ labels }) => Buffer.from(labels.bytes).toString('hex')),
        )
        expect(new Set(series).size).toBe(page.split('\n').filter((line) => /^[^#]/.test(line)).length)
      }),
      { numRuns: 150 },
    )
  })
})

test('accountz without names is refused by name', () => {
  expect(() => accountNames(parseExactJson('{"accounts": "a"}'))).toThrow('/accountz accounts: expected a list, found "a"')
})

/** Undefined where the answer is refused. */
function pageOf(families: (json: JsonValue) => NatsFamily[], json: JsonValue): string | undefined {
  try {
    return serializeFamilies(mergeFamilies([families(json)]).families)
  } catch (error) {
    expect(isPromlineError(error, 'decode'), String(error)).toBe(true)
    return undefined
  }
}
