// For tests of pipelines, sources and sinks.
export { batchOf } from '../model/samples.js'
