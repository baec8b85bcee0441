import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { connzFamilies } from './endpoints/connz.js'
import { genericFamilies } from './endpoints/generic.js'
import { healthzFamilies } from './endpoints/healthz.js'
import { jszFamilies } from './endpoints/jsz.js'
import { routezFamilies } from './endpoints/routez.js'
import { type JsonValue, parseExactJson } from './exact-json.js'
import { mergeFamilies, serializeFamilies } from './nats-exposition.js'

/** Answers of a NATS server 2.9.10 (February 2023) with JetStream and nothing in it: Debian's. */
function json(file: string): JsonValue {
  return parseExactJson(readFileSync(new URL(`testdata/nats-2.9.10/${file}`, import.meta.url), 'utf8'))
}

test('an older server is shown with what it has', () => {
  const context = { corePrefix: 'nats', jetstreamPrefix: 'nats', serverId: 'a' }
  const sources = [
    genericFamilies('varz', json('varz.json'), context),
    connzFamilies([json('connz.json')], context, { detailed: true }),
    routezFamilies(json('routez.json'), context),
    genericFamilies('subsz', json('subsz.json'), context),
    healthzFamilies('healthz', json('healthz.json'), context),
    jszFamilies([json('jsz.json')], context, { serverName: 'lab-nats', streamMetaKeys: [], consumerMetaKeys: [], aliases: false }),
  ]
  const page = serializeFamilies(mergeFamilies(sources).families)
  const lines = page
    .split('\n')
    .filter((line) => /^nats_(account|server_max|subsz|routez|connz_total|healthz|varz_(server_name|start))/.test(line))
  const jetstream = 'cluster="",domain="",is_meta_leader="true",meta_leader="",server_id="a",server_name="lab-nats"'
  const account = `account="$G",account_id="$G",account_name="$G",${jetstream}`
  expect(lines).toEqual([
    `nats_account_max_memory{${account}} 1.8446744073709552e+19`,
    `nats_account_max_storage{${account}} 1.8446744073709552e+19`,
    `nats_account_memory_used{${account}} 0`,
    `nats_account_storage_used{${account}} 0`,
    'nats_connz_total{server_id="a"} 0',
    'nats_healthz_status{server_id="a"} 0',
    'nats_healthz_status_value{server_id="a",value="ok"} 1',
    'nats_routez_num_routes{server_id="a"} 0',
    'nats_routez_server_id{server_id="a",value="ND35RZNEXH4YDQ3G73HOXKBDZDXJ5KSYXHTKHN232ROCF5X34TX53CKE"} 1',
    'nats_routez_server_name{server_id="a",value=""} 1',
    `nats_server_max_memory{${jetstream}} 1.8957385728e+10`,
    `nats_server_max_storage{${jetstream}} 5.8646310912e+10`,
    'nats_subsz_avg_fanout{server_id="a"} 0.8',
    'nats_subsz_cache_hit_rate{server_id="a"} 0',
    'nats_subsz_max_fanout{server_id="a"} 1',
    'nats_subsz_num_cache{server_id="a"} 5',
    'nats_subsz_num_inserts{server_id="a"} 47',
    'nats_subsz_num_matches{server_id="a"} 5',
    'nats_subsz_num_removes{server_id="a"} 0',
    'nats_subsz_num_subscriptions{server_id="a"} 47',
    'nats_varz_server_name{server_id="a",value="lab-nats"} 1',
    'nats_varz_start{server_id="a"} 1.795294590536e+12',
  ])
})
