import type { JsonValue } from '../exact-json.js'
import { JsonRecord } from '../json-record.js'
import { createNatsLabels, NatsFamilies, type NatsFamily } from '../nats-family.js'
import type { EndpointContext } from './endpoint-context.js'
import { accountMetrics, consumerMetrics, type JszMetric, originMetrics, serverMetrics, streamMetrics } from './jsz-metrics.js'

/** Options of `jszFamilies`. */
export interface JszOptions {
  /** The server's own name, from `/varz`: who leads is told by name. */
  readonly serverName: string
  /** Metadata of streams that become labels `stream_meta_KEY`. */
  readonly streamMetaKeys: readonly string[]
  /** Metadata of consumers that become labels `consumer_meta_KEY`. */
  readonly consumerMetaKeys: readonly string[]
  /** The server's totals also as `PREFIX_jetstream_varz_stats_total_streams` and so on. */
  readonly aliases: boolean
}

type LabelValues = Readonly<Record<string, string>>

/** `/jsz`, in one or more pages: JetStream on the server, and the accounts, streams and consumers that were asked for. */
export function jszFamilies(pages: readonly JsonValue[], context: EndpointContext, options: JszOptions): NatsFamily[] {
  const collected = new JszFamilies(context, options)
  for (const [i, page] of pages.entries()) collected.addPage(new JsonRecord(page, '/jsz'), { totals: i === 0 })
  return collected.families.list()
}

/** Each kind of thing has the labels of what it is in, and its own. */
class JszFamilies {
  readonly families = new NatsFamilies()
  readonly #context: EndpointContext
  readonly #options: JszOptions

  constructor(context: EndpointContext, options: JszOptions) {
    this.#context = context
    this.#options = options
  }

  addPage(jsz: JsonRecord, { totals }: { totals: boolean }): void {
    const meta = jsz.record('meta_cluster')
    const labels = {
      server_id: this.#context.serverId,
      server_name: this.#options.serverName,
      cluster: meta.text('name'),
      domain: jsz.record('config').text('domain'),
      meta_leader: meta.text('leader'),
      is_meta_leader: String(!jsz.has('meta_cluster') || meta.text('leader') === this.#options.serverName),
    }
    if (totals) this.#addServer(jsz, labels)
    for (const account of jsz.records('account_details')) this.#addAccount(account, labels)
  }

  #addServer(jsz: JsonRecord, labels: LabelValues): void {
    this.#show(serverMetrics, { prefix: `${this.#context.jetstreamPrefix}_server`, record: jsz, labels })
    if (!this.#options.aliases) return
    const totals = serverMetrics.filter(({ name }) => name.startsWith('total_'))
    this.#show(totals, { prefix: `${this.#context.corePrefix}_jetstream_varz_stats`, record: jsz, labels })
  }

  #addAccount(account: JsonRecord, of: LabelValues): void {
    const name = account.text('name')
    const labels = { ...of, account: name, account_name: name, account_id: account.text('id') }
    this.#show(accountMetrics, { prefix: `${this.#context.jetstreamPrefix}_account`, record: account, labels })
    for (const stream of account.records('stream_detail')) this.#addStream(stream, labels)
  }

  #addStream(stream: JsonRecord, of: LabelValues): void {
    const labels = {
      ...of,
      stream_name: stream.text('name'),
      stream_leader: stream.record('cluster').text('leader'),
      is_stream_leader: this.#isLeader(stream),
      stream_raft_group: stream.text('stream_raft_group'),
      ...metaLabels('stream', stream, this.#options.streamMetaKeys),
    }
    const prefix = `${this.#context.jetstreamPrefix}_stream`
    this.#show(streamMetrics, { prefix, record: stream, labels })
    for (const source of stream.records('sources')) {
      this.#show(originMetrics('source'), { prefix, record: source, labels: { ...labels, ...originLabels('source', source) } })
    }
    if (stream.has('mirror')) {
      const mirror = stream.record('mirror')
      this.#show(originMetrics('mirror'), { prefix, record: mirror, labels: { ...labels, ...originLabels('mirror', mirror) } })
    }
    for (const consumer of stream.records('consumer_detail')) this.#addConsumer(consumer, labels)
  }

  #addConsumer(consumer: JsonRecord, of: LabelValues): void {
    const labels = {
      ...of,
      consumer_name: consumer.text('name'),
      consumer_leader: consumer.record('cluster').text('leader'),
      is_consumer_leader: this.#isLeader(consumer),
      consumer_desc: consumer.record('config').text('description'),
      ...metaLabels('consumer', consumer, this.#options.consumerMetaKeys),
    }
    this.#show(consumerMetrics, { prefix: `${this.#context.jetstreamPrefix}_consumer`, record: consumer, labels })
  }

  /** What is in no cluster has no other leader. */
  #isLeader(record: JsonRecord): string {
    return String(!record.has('cluster') || record.record('cluster').text('leader') === this.#options.serverName)
  }

  #show(metrics: readonly JszMetric[], { prefix, record, labels }: { prefix: string; record: JsonRecord; labels: LabelValues }): void {
    const shared = createNatsLabels(labels)
    for (const { name, help, read } of metrics) {
      const value = read(record)
      if (value !== undefined) this.families.add({ name: `${prefix}_${name}`, type: 'gauge', help }, shared, value)
    }
  }
}

function metaLabels(kind: 'stream' | 'consumer', record: JsonRecord, keys: readonly string[]): LabelValues {
  const metadata = record.record('config').record('metadata')
  return Object.fromEntries(keys.map((key) => [`${kind}_meta_${key}`, metadata.text(key)]))
}

function originLabels(kind: 'source' | 'mirror', origin: JsonRecord): LabelValues {
  const external = origin.record('external')
  return { [`${kind}_name`]: origin.text('name'), [`${kind}_api`]: external.text('api'), [`${kind}_deliver`]: external.text('deliver') }
}
