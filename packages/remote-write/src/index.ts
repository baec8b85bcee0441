// Symbols for those who send and receive.
export type { RemoteWriteSinkOptions } from './sink/config.js'
export { createRemoteWriteSink } from './sink/sink.js'
export type { DecodeOptions } from './v1/decode.js'
export { decodeWriteRequest } from './v1/decode.js'
export type { EncodedWriteRequest } from './v1/encode.js'
export { encodeWriteRequest } from './v1/encode.js'
export type { HistogramValue, SampleValue, TimeSeries, WriteRequest } from './message/write-request.js'
export { writeRequestOf } from './batch/from-batches.js'
export type { SnappyCodec } from './snappy/snappy-codec.js'
export { snappyCodec } from './snappy/snappy-codec.js'

// Symbols below are for tools and tests.
export { validateHistogram } from './message/validate-histogram.js'
export { defaultSinkName } from './sink/config.js'
