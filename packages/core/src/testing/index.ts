// For tests of sources, sinks and pipelines.
export type { CollectConsume } from './collect-consume.js'
export { collectConsume } from './collect-consume.js'
export type { FakeClock } from './fake-clock.js'
export { createFakeClock } from './fake-clock.js'
export type { MemoryAnswer, MemoryBody, MemorySend, MemorySink, MemorySinkOptions } from './memory-sink.js'
export { createMemorySink, encodeInMemory } from './memory-sink.js'
