import { createHttpDestination, type ReceivedSample, sinkContract, type SinkContractSubject } from '@promline/core/testing'
import { describe, it } from 'vitest'
import { snappyCodec } from '../snappy/snappy-codec.js'
import { decodeWriteRequest } from '../v1/decode.js'
import type { RemoteWriteSinkOptions } from './config.js'
import { createRemoteWriteSink } from './sink.js'

/** More than any request of the suite takes. */
const maxMessageBytes = 1024 * 1024

function decode(body: Uint8Array): ReceivedSample[] {
  const { series } = decodeWriteRequest(snappyCodec.decompress(body, maxMessageBytes))
  return series.flatMap(({ labels, samples }) =>
    samples.map(({ value, timestampMs, stale }) => ({ labels: labels.toObject(), value, timestampMs, ...(stale && { stale }) })),
  )
}

function subject(options: Partial<RemoteWriteSinkOptions>, lacks: SinkContractSubject['lacks'] = {}): SinkContractSubject {
  return {
    divisible: options.bisectOn400 === true,
    lacks: { parts: 'a receiver takes a request as a whole', partial: 'remote write 1.0 has no partial answers', ...lacks },
    async open(destination) {
      const server = await createHttpDestination({ destination, decode })
      return {
        sink: createRemoteWriteSink({ name: 'central', url: `${server.url}/api/v1/write`, ...options }),
        close: () => server.close(),
      }
    },
  }
}

describe.each<[string, SinkContractSubject]>([
  ['with its defaults', subject({}, { 'same-bytes': 'how a list is laid out hangs on whether it came before' })],
  ['with its plain encoder', subject({ templates: false })],
  ['that divides what is answered with 400', subject({ bisectOn400: true, templates: false })],
])('the remote-write sink %s keeps the contract', (_, sink) => {
  for (const { name, notApplicable, run } of sinkContract(sink)) it.skipIf(notApplicable !== undefined)(name, run)
})
