import { decodeWriteRequest, encodeWriteRequest, snappyCodec, type TimeSeries, type WriteRequest } from '@promline/remote-write'

/** Of a request of remote write 1.0. */
export const writeHeaders = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
} as const

/** Far more than a request of these tests has. */
const maxDecodedBytes = 64 * 1024 * 1024

/** The body of a request. */
export function encodeWriteBody(series: readonly TimeSeries[]): Uint8Array {
  return snappyCodec.compress(encodeWriteRequest({ series, metadata: [] }).bytes)
}

/** What a request's body holds. Throws where it is none. */
export function decodeWriteBody(body: Uint8Array): WriteRequest {
  return decodeWriteRequest(snappyCodec.decompress(body, maxDecodedBytes))
}
