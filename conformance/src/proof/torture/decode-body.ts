import { gunzipSync } from 'node:zlib'
import { parseLine } from '../../e2e/line-protocol.js'
import { decodeWriteBody } from '../../e2e/remote-write.js'
import type { ReceivedSample } from './writer.js'

/** What a target speaks. */
export type TargetKind = 'remote-write' | 'influx'

/** The samples of a body, in its order. Throws where it is not what the kind of target takes. */
export function decodeBody(kind: TargetKind, body: Buffer, encoding: string | undefined): ReceivedSample[] {
  return kind === 'influx' ? readLines(encoding === 'gzip' ? gunzipSync(body) : body) : readWriteRequest(body)
}

function readWriteRequest(body: Buffer): ReceivedSample[] {
  const { series } = decodeWriteBody(body)
  return series.flatMap(({ labels, samples }) => {
    const plain = labels.toObject()
    return samples.map(({ timestampMs, value }) => ({ labels: plain, timestampMs, value }))
  })
}

function readLines(body: Buffer): ReceivedSample[] {
  const lines = body.toString().split('\n').filter(Boolean).map(parseLine)
  return lines.map(({ measurement, tags, fields, timestampMs }) => {
    return { labels: { ...tags, __name__: measurement }, timestampMs, value: fields['value'] ?? Number.NaN }
  })
}
