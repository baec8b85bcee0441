// For tests of sources, sinks and pipelines.
export type { JsonValue } from '../formats/exact-json.js'
export { floatToJson, writeJson } from '../formats/exact-json.js'
export type { SampleLine } from '../formats/sample-lines.js'
export { histogramToJson, labelsToJson, sampleLineOf } from '../formats/sample-lines.js'
export type { ChaosProxy, ChaosProxyOptions } from './chaos-proxy.js'
export { createChaosProxy } from './chaos-proxy.js'
export type { ChaosRules, ChaosWay } from './chaos-rules.js'
export type { CollectConsume } from './collect-consume.js'
export { collectConsume } from './collect-consume.js'
export type { ContractCase, ContractReport, SinkContractOptions } from './contract/contract.js'
export { proveSink, sinkContract } from './contract/contract.js'
export type { FileDestinationOptions } from './contract/file-destination.js'
export { createFileDestination, fileLacks } from './contract/file-destination.js'
export type { HttpDestination, HttpDestinationOptions, HttpSaying } from './contract/http-destination.js'
export { createHttpDestination } from './contract/http-destination.js'
export type {
  Ability,
  Destination,
  DestinationAnswer,
  ReceivedRequest,
  ReceivedSample,
  SinkContractBench,
  SinkContractSubject,
} from './contract/subject.js'
export type { FakeClock } from './fake-clock.js'
export { createFakeClock } from './fake-clock.js'
export type { MemoryAnswer, MemoryBody, MemorySend, MemorySink, MemorySinkOptions } from './memory-sink.js'
export { createMemorySink, encodeInMemory } from './memory-sink.js'
