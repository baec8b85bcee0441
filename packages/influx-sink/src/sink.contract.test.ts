import { batchOf, encodeLineProtocol, type LineProtocolOptions } from '@promline/core'
import {
  createFileDestination,
  createHttpDestination,
  type DestinationAnswer,
  fileLacks,
  type HttpSaying,
  type ReceivedSample,
  sinkContract,
  type SinkContractSubject,
} from '@promline/core/testing'
import { describe, it } from 'vitest'
import type { InfluxSinkOptions } from './config.js'
import { fileWriter } from './file-writer.js'
import { createInfluxSink } from './sink.js'

const nanosecondsPerMs = 1_000_000

/** Lines as samples: everything before the value stands for the labels. */
function decode(lines: Uint8Array): ReceivedSample[] {
  const text = Buffer.from(lines).toString('utf8')
  return [...text.matchAll(/([^\n]*)=(\S+) (\d+)\n/g)].map(([, series = '', value, nanoseconds]) => ({
    labels: { series },
    value: Number(value),
    timestampMs: Number(nanoseconds) / nanosecondsPerMs,
  }))
}

/** What the encoder that remembers nothing makes of one sample. */
function carriesBy(options: LineProtocolOptions): (sample: ReceivedSample) => ReceivedSample | undefined {
  return (sample) => decode(Buffer.from(encodeLineProtocol([batchOf([sample])], options).text))[0]
}

function say({ status, refused = [] }: DestinationAnswer): HttpSaying | undefined {
  if (status === 'rejected') return { status: 400, body: '{"error":"unable to parse points"}' }
  if (status !== 'partial') return undefined
  return { status: 400, body: `{"error":"partial write: field type conflict dropped=${refused.length}"}` }
}

const oneDatabase = { parts: 'one database is one part' }

function overHttp(options: Partial<InfluxSinkOptions>): SinkContractSubject {
  return {
    divisible: true,
    lacks: oneDatabase,
    carries: carriesBy({ schema: options.schema ?? 'prometheus', distinctNames: options.version === 3 }),
    async open(destination) {
      const server = await createHttpDestination({ destination, decode, say })
      return { sink: createInfluxSink({ url: server.url, database: 'metrics', ...options }), close: () => server.close() }
    },
  }
}

const toFile: SinkContractSubject = {
  lacks: { ...fileLacks, ...oneDatabase },
  carries: carriesBy({ schema: 'prometheus' }),
  async open(destination) {
    const writer = fileWriter({ path: 'points.lp', fileSystem: createFileDestination({ destination, decode }) })
    return { sink: createInfluxSink({ writer }), close: async () => {} }
  },
}

describe.each<[string, SinkContractSubject]>([
  ['1.x', overHttp({})],
  ['1.x without gzip, in the schema of Telegraf 1', overHttp({ gzip: false, schema: 'telegraf-v1' })],
  ['2.x, in the schema of Telegraf 2', overHttp({ version: 2, org: 'o', bucket: 'b', schema: 'telegraf-v2' })],
  ['3', overHttp({ version: 3 })],
  ['to a file', toFile],
])('the InfluxDB sink, %s, keeps the contract', (_, subject) => {
  for (const { name, notApplicable, run } of sinkContract(subject)) it.skipIf(notApplicable !== undefined)(name, run)
})
