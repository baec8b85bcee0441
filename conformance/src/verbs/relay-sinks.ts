import { createHash } from 'node:crypto'
import { isPromlineError } from '@promline/core'
import type { Sink } from '@promline/core/delivery'
import { createInfluxSink } from '@promline/influx-sink'
import { createKafkaSink, kafkaJsProducer } from '@promline/kafka-sink'
import { createRemoteWriteSink } from '@promline/remote-write'
import { choice, UsageError } from '../verb.js'

/** Query keys that begin so are ours, and are removed from the target. */
const ownPrefix = 'promline.'

/** Our keys by the kind of sink that reads them. */
const ownKeys: Readonly<Record<string, readonly string[]>> = {
  'remote-write': ['max_bytes'],
  kafka: ['max_bytes', 'format', 'metric_version'],
  influx: ['max_bytes', 'db', 'schema'],
}

/** What one `--sink` says. */
export interface RelaySink {
  readonly sink: Sink<unknown>
  /** The spool's cap, where given. */
  readonly maxBytes?: number
}

/** Reads `KIND=TARGET`. Throws a UsageError. */
export function createRelaySink(argument: string): RelaySink {
  const [, kind = '', target = ''] = /^([a-z-]+)=(.+)$/.exec(argument) ?? []
  const known = Object.hasOwn(ownKeys, kind) ? ownKeys[kind] : undefined
  const { rest, own } = takeOwn(target)
  // A Kafka target has no scheme; one is lent to it, so that all are read alike.
  const text = kind === 'kafka' ? `kafka://${rest}` : rest
  if (known === undefined || !URL.canParse(text)) {
    throw new UsageError(`--sink ${argument}: expected remote-write=URL, kafka=HOST:PORT/TOPIC or influx=URL`)
  }
  for (const key of own.keys()) {
    if (!known.includes(key)) throw new UsageError(`--sink ${argument}: unknown option ${ownPrefix}${key}: one of ${known.join(', ')}`)
  }
  const maxBytes = own.get('max_bytes')
  if (maxBytes !== undefined && !/^[1-9]\d{0,14}$/.test(maxBytes)) {
    throw new UsageError(`--sink ${argument}: ${ownPrefix}max_bytes: a whole number of bytes`)
  }
  // The name is the cursor's: it must be the same after a restart, in whatever order the sinks are given.
  const name = `${kind}-${createHash('sha256').update(target).digest('hex').slice(0, 8)}`
  try {
    return { sink: createSink(kind, { name, url: text, own }), ...(maxBytes !== undefined && { maxBytes: Number(maxBytes) }) }
  } catch (error) {
    if (isPromlineError(error, 'options')) throw new UsageError(`--sink ${argument}: ${error.message}`)
    throw error
  }
}

/** Takes our keys out of a query; what is left stays as it was written, to the byte. */
function takeOwn(target: string): { rest: string; own: ReadonlyMap<string, string> } {
  const at = target.indexOf('?')
  if (at < 0) return { rest: target, own: new Map() }
  const pairs = target.slice(at + 1).split('&')
  const others = pairs.filter((pair) => !pair.startsWith(ownPrefix))
  if (others.length === pairs.length) return { rest: target, own: new Map() }
  const own = new URLSearchParams(pairs.filter((pair) => pair.startsWith(ownPrefix)).join('&'))
  return {
    rest: target.slice(0, at) + (others.length > 0 ? `?${others.join('&')}` : ''),
    own: new Map(Array.from(own, ([key, value]) => [key.slice(ownPrefix.length), value])),
  }
}

function createSink(kind: string, { name, url, own }: { name: string; url: string; own: ReadonlyMap<string, string> }): Sink<unknown> {
  const { host, pathname, searchParams } = new URL(url)
  switch (kind) {
    case 'remote-write':
      return createRemoteWriteSink({ name, url })
    case 'kafka':
      return createKafkaSink({
        name,
        topic: pathname.slice(1),
        producer: kafkaJsProducer({ brokers: [host] }),
        format: choice('sink promline.format', own.get('format'), ['influx', 'telegraf-json']),
        metricVersion: choice('sink promline.metric_version', own.get('metric_version'), ['1', '2']) === '1' ? 1 : 2,
      })
    default:
      return createInfluxSink({
        name,
        url,
        database: own.get('db') ?? searchParams.get('db') ?? 'mydb',
        schema: choice('sink promline.schema', own.get('schema'), ['prometheus', 'telegraf-v1', 'telegraf-v2']),
      })
  }
}
