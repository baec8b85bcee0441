// Symbols for those who build pipelines.
export type { InfluxSinkOptions, InfluxVersion } from './config.js'
export type { FileWriterOptions } from './file-writer.js'
export { fileWriter } from './file-writer.js'
export type { HttpWriterOptions } from './http-writer.js'
export { httpWriter } from './http-writer.js'
export type { InfluxClientWriterOptions } from './influx-client-writer.js'
export { influxClientWriter } from './influx-client-writer.js'
export type { InfluxWriteConfig } from './section.js'
export { influxSinkSetup, influxWriteParser } from './section.js'
export { createInfluxSink } from './sink.js'

// Symbols below are for authors of writers.
export type { InfluxBody } from './encode.js'
export type { LineAnswer, LineWriter } from './line-writer.js'
