import { createHash } from 'node:crypto'
import type { Sink } from '@promline/core/delivery'
import { createInfluxSink } from '@promline/influx-sink'
import { createKafkaSink, kafkaJsProducer } from '@promline/kafka-sink'
import { createRemoteWriteSink } from '@promline/remote-write'
import { choice, UsageError } from '../verb.js'

/** Query keys that begin so are ours, and are removed from the target. */
const ownPrefix = 'promline.'

/** What one `--sink` says. */
export interface RelaySink {
  readonly sink: Sink<unknown>
  /** The spool's cap, where given. */
  readonly maxBytes?: number
}

/** Reads `KIND=TARGET`. Throws a UsageError. */
export function createRelaySink(argument: string): RelaySink {
  const [, kind = '', target = ''] = /^([a-z-]+)=(.+)$/.exec(argument) ?? []
  // A Kafka target has no scheme; one is lent to it, so that all are read alike.
  const text = kind === 'kafka' ? `kafka://${target}` : target
  if (!URL.canParse(text)) throw new UsageError(`--sink ${argument}: expected remote-write=URL, kafka=HOST:PORT/TOPIC or influx=URL`)
  const url = new URL(text)
  const own = takeOwn(url)
  const maxBytes = own.get('max_bytes')
  // The name is the cursor's: it must be the same after a restart, in whatever order the sinks are given.
  const name = `${kind}-${createHash('sha256').update(target).digest('hex').slice(0, 8)}`
  return { sink: createSink(kind, { name, url, own }), ...(maxBytes !== undefined && { maxBytes: Number(maxBytes) }) }
}

function takeOwn(url: URL): ReadonlyMap<string, string> {
  const own = new Map<string, string>()
  for (const [key, value] of [...url.searchParams]) {
    if (!key.startsWith(ownPrefix)) continue
    own.set(key.slice(ownPrefix.length), value)
    url.searchParams.delete(key)
  }
  return own
}

function createSink(kind: string, { name, url, own }: { name: string; url: URL; own: ReadonlyMap<string, string> }): Sink<unknown> {
  switch (kind) {
    case 'remote-write':
      return createRemoteWriteSink({ name, url: url.href })
    case 'kafka':
      return createKafkaSink({
        name,
        topic: url.pathname.slice(1),
        producer: kafkaJsProducer({ brokers: [url.host] }),
        format: choice('sink promline.format', own.get('format'), ['influx', 'telegraf-json']),
        metricVersion: choice('sink promline.metric_version', own.get('metric_version'), ['1', '2']) === '1' ? 1 : 2,
      })
    case 'influx':
      return createInfluxSink({
        name,
        url: url.href,
        database: own.get('db') ?? url.searchParams.get('db') ?? 'mydb',
        schema: choice('sink promline.schema', own.get('schema'), ['prometheus', 'telegraf-v1', 'telegraf-v2']),
      })
    default:
      throw new UsageError(`--sink ${kind}=...: one of remote-write, kafka, influx`)
  }
}
