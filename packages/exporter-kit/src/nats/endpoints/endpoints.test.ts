import { describe, expect, test } from 'vitest'
import { type JsonValue, parseExactJson } from '../exact-json.js'
import { mergeFamilies, serializeFamilies } from '../nats-exposition.js'
import type { NatsFamily } from '../nats-family.js'
import { accountzFamilies, accstatzFamilies } from './accounts.js'
import { connzFamilies } from './connz.js'
import type { EndpointContext } from './endpoint-context.js'
import { gatewayzFamilies } from './gatewayz.js'
import { genericFamilies } from './generic.js'
import { healthzFamilies, unreachableFamilies } from './healthz.js'
import { jszFamilies } from './jsz.js'
import { leafzFamilies } from './leafz.js'
import { routezFamilies } from './routez.js'

const context: EndpointContext = { corePrefix: 'c', jetstreamPrefix: 'j', serverId: 's' }

/** The samples, without what all of them have. */
function samples(families: readonly NatsFamily[]): string[] {
  const page = serializeFamilies(mergeFamilies([families]).families)
  return page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

const json = (value: unknown): JsonValue => parseExactJson(JSON.stringify(value))

describe('varz: names are made of keys', () => {
  test.each<[string, string, string[]]>([
    ['a number', '{"cores": 2}', ['c_varz_cores{server_id="s"} 2']],
    ['one above 2^53', '{"a": 18446744073709551615}', ['c_varz_a{server_id="s"} 1.8446744073709552e+19']],
    ['one that rounds up', '{"a": 9007199254740995}', ['c_varz_a{server_id="s"} 9.007199254740996e+15']],
    ['one within', '{"jetstream": {"stats": {"api": {"total": 6}}}}', ['c_varz_jetstream_stats_api_total{server_id="s"} 6']],
    [
      'paths',
      '{"http_req_stats": {"/": 1, "/varz": 2}}',
      ['c_varz_http_req_stats_varz{server_id="s"} 2', 'c_varz_http_req_stats{server_id="s"} 1'],
    ],
    [
      'what no name can hold',
      '{"a-b": 1, "naïve": {"c d": 2}, "__x__": 3}',
      ['c_varz_a_b{server_id="s"} 1', 'c_varz_na_ve_c_d{server_id="s"} 2', 'c_varz_x{server_id="s"} 3'],
    ],
    ['two keys of one name: the first', '{"a/b": 1, "a_b": 2}', ['c_varz_a_b{server_id="s"} 1']],
    ['a string that is shown', '{"version": "2.15.2"}', ['c_varz_version{server_id="s",value="2.15.2"} 1']],
    ['one within, by its own key', '{"cluster": {"name": "east"}}', ['c_varz_cluster_name{server_id="s",value="east"} 1']],
    ['a time', '{"start": "2026-11-21T23:16:25.159527896Z"}', ['c_varz_start{server_id="s"} 1.795302985159e+12']],
    ['a start that is no time', '{"start": "soon"}', ['c_varz_start{server_id="s",value="soon"} 1']],
    ['strings that are not shown', '{"host": "0.0.0.0", "now": "2026-11-21T23:16:25Z", "git_commit": "x"}', []],
    ['flags, lists, null', '{"auth_required": true, "connect_urls": ["x", 1], "a": null}', []],
    [
      'what is left out',
      '{"leaf": {"port": 1, "a": {"b": 2}}, "cluster": {"tls_timeout": 2, "cluster_port": 1}, "gateway": {"port": 7}}',
      [],
    ],
    [
      'what is beside it',
      '{"leaf_x": 1, "cluster": {"pool_size": 3}}',
      ['c_varz_cluster_pool_size{server_id="s"} 3', 'c_varz_leaf_x{server_id="s"} 1'],
    ],
    ['hostile keys', '{"__proto__": {"a": 1}, "": 5, "_": {"_": 6}}', ['c_varz_proto_a{server_id="s"} 1']],
  ])('%s', (_what, text, expected) => {
    expect(samples(genericFamilies('varz', parseExactJson(text), context)).sort()).toEqual(expected.sort())
  })

  test('a label is escaped', () => {
    const name = json({ server_name: 'a"b\\c\nd' })
    expect(samples(genericFamilies('subsz', name, context))).toEqual(['c_subsz_server_name{server_id="s",value="a\\"b\\\\c\\nd"} 1'])
  })
})

describe('connz', () => {
  const detail = (connection: object): string[] => {
    const page = json({ connections: [{ cid: 1, ...connection }] })
    const all = samples(connzFamilies([page], context, { detailed: true }))
    return all.filter((line) => line.includes('account=')).map((line) => line.replace(/^c_connz_(\w+)\{.*\} /, '$1 '))
  }

  test('has texts as they are, and -1 for times that are none', () => {
    const odd = { start: 'x', last_activity: '2026-11-21T23:16:25.9999Z', rtt: '', uptime: '1y2d3h4m5s', idle: '5 minutes' }
    expect(detail(odd).filter((line) => /^(start|last|rtt|uptime|idle)/.test(line))).toEqual([
      'idle -1',
      'last_activity 1.795302985999e+12',
      'rtt -1',
      'start -1',
      'uptime 3.1719845e+10',
    ])
    expect(detail({}).filter((line) => /^(start|last|rtt|uptime|idle)/.test(line))).toEqual([
      'idle 0',
      'last_activity 0',
      'rtt 0',
      'start 0',
      'uptime 0',
    ])
  })

  test('has numbers of connections in full, also where Go would write 1e+06', () => {
    const page = parseExactJson('{"connections": [{"cid": 18446744073709551615, "port": 1000000}]}')
    const [line] = samples(connzFamilies([page], context, { detailed: true })).filter((sample) => sample.includes('cid='))
    expect(line).toMatch(/cid="18446744073709551615".*port="1000000"/)
  })

  test('without connections is all zero', () => {
    const keys = [
      'in_bytes',
      'in_msgs',
      'limit',
      'num_connections',
      'offset',
      'out_bytes',
      'out_msgs',
      'pending_bytes',
      'subscriptions',
      'total',
    ]
    expect(samples(connzFamilies([json({})], context, { detailed: true }))).toEqual(keys.map((key) => `c_connz_${key}{server_id="s"} 0`))
  })

  test('refuses sums of what is no integer', () => {
    const odd = json({ connections: [{ cid: 1, in_msgs: 0.5 }] })
    expect(() => connzFamilies([odd], context, { detailed: false })).toThrow(
      '/connz connections[0] in_msgs: expected an integer, found 0.5',
    )
  })
})

test('routez shows each route, and its times where they are known', () => {
  const route = {
    rid: 7,
    remote_id: 'NA',
    remote_name: 'b',
    account: 'APP',
    ip: '10.0.0.2',
    compression: 's2_fast',
    in_msgs: 1,
    subscriptions: 4,
  }
  const routes = [{ ...route, rtt: '1.5ms', uptime: '1d2h' }, { rid: 8 }]
  expect(samples(routezFamilies(json({ server_id: 'NB', num_routes: 2, routes }), context))).toEqual([
    'c_routez_num_routes{server_id="s"} 2',
    'c_routez_route_in_bytes{rid="7",server_id="s"} 0',
    'c_routez_route_in_bytes{rid="8",server_id="s"} 0',
    'c_routez_route_in_msgs{rid="7",server_id="s"} 1',
    'c_routez_route_in_msgs{rid="8",server_id="s"} 0',
    'c_routez_route_info{account="",compression="",ip="",remote_id="",remote_name="",rid="8",server_id="s"} 1',
    'c_routez_route_info{account="APP",compression="s2_fast",ip="10.0.0.2",remote_id="NA",remote_name="b",rid="7",server_id="s"} 1',
    'c_routez_route_out_bytes{rid="7",server_id="s"} 0',
    'c_routez_route_out_bytes{rid="8",server_id="s"} 0',
    'c_routez_route_out_msgs{rid="7",server_id="s"} 0',
    'c_routez_route_out_msgs{rid="8",server_id="s"} 0',
    'c_routez_route_rtt_seconds{rid="7",server_id="s"} 0.0015',
    'c_routez_route_subscriptions{rid="7",server_id="s"} 4',
    'c_routez_route_subscriptions{rid="8",server_id="s"} 0',
    'c_routez_route_uptime_seconds{rid="7",server_id="s"} 93600',
    'c_routez_server_id{server_id="s",value="NB"} 1',
    'c_routez_server_name{server_id="s",value=""} 1',
  ])
})

test('gatewayz shows the connections in both directions, uptimes beyond a day among them', () => {
  const connection = {
    cid: 5,
    start: '2026-11-21T23:16:25.9Z',
    last_activity: '2026-11-21T23:16:26Z',
    uptime: '1d1s',
    idle: '2s',
    rtt: '249µs',
  }
  const gateways = {
    name: 'east',
    outbound_gateways: { west: { configured: true, connection: { ...connection, in_msgs: 3 } } },
    inbound_gateways: { west: [{ configured: false, connection: { cid: 6 } }] },
  }
  const shown = samples(gatewayzFamilies(json(gateways), context))
  const labels = 'cid="5",gateway_name="east",remote_gateway_name="west",server_id="s"'
  expect(shown.filter((line) => line.includes('outbound'))).toEqual([
    `c_gatewayz_outbound_gateway_configured{${labels}} 1`,
    `c_gatewayz_outbound_gateway_conn_idle_seconds{${labels}} 2`,
    `c_gatewayz_outbound_gateway_conn_in_bytes{${labels}} 0`,
    `c_gatewayz_outbound_gateway_conn_in_msgs{${labels}} 3`,
    `c_gatewayz_outbound_gateway_conn_last_activity_seconds{${labels}} 1.795302986e+09`,
    `c_gatewayz_outbound_gateway_conn_out_bytes{${labels}} 0`,
    `c_gatewayz_outbound_gateway_conn_out_msgs{${labels}} 0`,
    `c_gatewayz_outbound_gateway_conn_pending_bytes{${labels}} 0`,
    `c_gatewayz_outbound_gateway_conn_rtt{${labels}} 0.000249`,
    `c_gatewayz_outbound_gateway_conn_start_time_seconds{${labels}} 1.795302985e+09`,
    `c_gatewayz_outbound_gateway_conn_subscriptions{${labels}} 0`,
    `c_gatewayz_outbound_gateway_conn_uptime_seconds{${labels}} 86401`,
  ])
  expect(shown.filter((line) => line.includes('inbound_gateway_') && line.includes('cid="6"'))).toHaveLength(7)
})

test('leafz shows each leaf node, and the subjects of its subscriptions where the server tells them', () => {
  const leaf = { account: 'APP', ip: '10.0.0.3', port: 4000, name: 'edge', rtt: '2ms', in_msgs: 1, subscriptions: 2 }
  const leafs = [{ ...leaf, subscriptions_list: ['a.>', 'b'] }]
  const labels = 'account="APP",account_id="APP",ip="10.0.0.3",name="edge",port="4000",server_id="s"'
  expect(samples(leafzFamilies(json({ leafnodes: 1, leafs }), context))).toEqual([
    `c_leafz_conn_in_bytes{${labels}} 0`,
    `c_leafz_conn_in_msgs{${labels}} 1`,
    'c_leafz_conn_nodes_total{server_id="s"} 1',
    `c_leafz_conn_out_bytes{${labels}} 0`,
    `c_leafz_conn_out_msgs{${labels}} 0`,
    `c_leafz_conn_rtt{${labels}} 0.002`,
    `c_leafz_conn_subscriptions{${labels},subscription="a.>"} 0`,
    `c_leafz_conn_subscriptions{${labels},subscription="b"} 0`,
    `c_leafz_conn_subscriptions_total{${labels}} 2`,
    `c_leafz_info{${labels}} 1`,
  ])
})

test('leafz and accounts without anything have no more than their totals', () => {
  expect(samples(leafzFamilies(json({ leafnodes: 0, leafs: null }), context))).toEqual(['c_leafz_conn_nodes_total{server_id="s"} 0'])
  expect(samples(accstatzFamilies(json({ account_statz: [] }), context))).toEqual([])
  expect(samples(accountzFamilies([], context))).toEqual([])
})

test('accountz has the limits of the JWT', () => {
  const limits = { subs: -1, conn: 100, wildcards: true, payload: 1_048_576 }
  const detail = json({ account_detail: { account_name: 'ABC', name_tag: 'app', expired: true, decoded_jwt: { nats: { limits } } } })
  const shown = samples(accountzFamilies([detail], context)).map((line) =>
    line.replace('{account_id="ABC",account_name="app",server_id="s"}', ''),
  )
  expect(shown.filter((line) => /limit|expired/.test(line))).toEqual([
    'c_accountz_expired 1',
    'c_accountz_limit_conn 100',
    'c_accountz_limit_data 0',
    'c_accountz_limit_exports 0',
    'c_accountz_limit_imports 0',
    'c_accountz_limit_leaf 0',
    'c_accountz_limit_payload 1.048576e+06',
    'c_accountz_limit_subs -1',
    'c_accountz_limit_wildcards 1',
  ])
})

describe('healthz', () => {
  test.each<[object, string[]]>([
    [{ status: 'ok' }, ['c_healthz_status{server_id="s"} 0', 'c_healthz_status_value{server_id="s",value="ok"} 1']],
    [{ status: 'error' }, ['c_healthz_status{server_id="s"} 1', 'c_healthz_status_value{server_id="s",value="error"} 0']],
    [{}, ['c_healthz_status{server_id="s"} 1', 'c_healthz_status_value{server_id="s",value=""} 0']],
  ])('%j', (state, expected) => expect(samples(healthzFamilies('healthz', json(state), context))).toEqual(expected))

  test('of a kind is named by it', () => {
    const expected = ['c_healthz_js_server_only_status_value{server_id="s",value="unreachable"} 0']
    expect(samples(unreachableFamilies('healthz_js_server_only', context))).toEqual(expected)
  })
})

describe('jsz', () => {
  const options = { serverName: 'n1', streamMetaKeys: [], consumerMetaKeys: [], aliases: false }
  const consumer = { name: 'c', cluster: { leader: 'n2' }, config: { description: 'bills', metadata: { team: 'x' } } }
  const stream = {
    name: 'S',
    cluster: { leader: 'n1' },
    stream_raft_group: 'S-R3F-1',
    state: { messages: 5 },
    sources: [{ name: 'A', lag: 7, active: -1, external: { api: '$JS.x.API', deliver: 'd' } }],
    mirror: { name: 'B', lag: 8, active: 1_500_000 },
    consumer_detail: [consumer],
    config: { max_bytes: -1, max_msgs: 10, metadata: { owner: 'me' } },
  }
  const jsz = json({ meta_cluster: { name: 'east', leader: 'n2' }, account_details: [{ name: 'A', id: 'AID', stream_detail: [stream] }] })
  const server = 'cluster="east",domain="",is_meta_leader="false",meta_leader="n2",server_id="s",server_name="n1"'

  test('tells who leads: the cluster, the stream, the consumer', () => {
    const shown = samples(jszFamilies([jsz], context, options))
    expect(shown).toContain(`j_server_jetstream_disabled{${server}} 0`)
    expect(shown.find((line) => line.startsWith('j_stream_total_messages'))).toBe(
      'j_stream_total_messages{account="A",account_id="AID",account_name="A",cluster="east",domain="",is_meta_leader="false",is_stream_leader="true",' +
        'meta_leader="n2",server_id="s",server_name="n1",stream_leader="n1",stream_name="S",stream_raft_group="S-R3F-1"} 5',
    )
    expect(shown.find((line) => line.startsWith('j_consumer_num_pending'))).toMatch(
      /consumer_desc="bills",consumer_leader="n2",consumer_name="c".*is_consumer_leader="false".*\} 0$/,
    )
  })

  test('shows how far sources and mirrors are behind', () => {
    const shown = samples(jszFamilies([jsz], context, options)).filter((line) => /_(lag|duration_ns)\{/.test(line))
    expect(shown.map((line) => line.replace(/\{.*?((?:,(?:mirror|source)_\w+="[^"]*")+).*\}/, '{...$1}'))).toEqual([
      'j_stream_mirror_active_duration_ns{...,mirror_api="",mirror_deliver="",mirror_name="B"} 1.5e+06',
      'j_stream_mirror_lag{...,mirror_api="",mirror_deliver="",mirror_name="B"} 8',
      'j_stream_source_active_duration_ns{...,source_api="$JS.x.API",source_deliver="d",source_name="A"} -1',
      'j_stream_source_lag{...,source_api="$JS.x.API",source_deliver="d",source_name="A"} 7',
    ])
  })

  test('has metadata as labels where that is wanted, empty where there is none', () => {
    const keys = { streamMetaKeys: ['owner', 'none'], consumerMetaKeys: ['team'] }
    const shown = samples(jszFamilies([jsz], context, { ...options, ...keys }))
    for (const name of ['j_stream_limit_bytes', 'j_stream_source_lag', 'j_consumer_num_waiting']) {
      expect(shown.find((line) => line.startsWith(name))).toMatch(/stream_meta_none="",stream_meta_owner="me"/)
    }
    expect(shown.find((line) => line.startsWith('j_consumer_num_waiting'))).toContain('consumer_meta_team="x"')
  })

  test('without JetStream says so', () => {
    const shown = samples(jszFamilies([json({ disabled: true })], context, options))
    expect(shown.find((line) => line.includes('disabled'))).toMatch(/is_meta_leader="true".*\} 1$/)
    expect(shown).toHaveLength(7)
  })

  test('leaves out what was not asked for: limits without a configuration, times before the first', () => {
    const bare = json({
      account_details: [{ stream_detail: [{ name: 'S', consumer_detail: [{ name: 'c', ts: '2026-01-01T00:00:00Z' }] }] }],
    })
    expect(samples(jszFamilies([bare], context, options)).filter((line) => /limit|seconds/.test(line))).toEqual([])
  })
})
