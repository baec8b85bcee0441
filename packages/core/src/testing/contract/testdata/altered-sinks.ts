import type { SendOutcome, Sink } from '../../../delivery/sink.js'
import type { Batch } from '../../../model/batch.js'
import { batchOf, type Sample, samplesOf } from '../../../model/samples.js'
import { encodeInMemory, type MemoryBody } from '../../memory-sink.js'

export type MemoryLike = Sink<MemoryBody>
export type Send = MemoryLike['send']

/** What is wrong with a sink, the case that must catch it, and the message, or its beginning. */
export type BrokenSink = readonly [what: string, sink: (sink: MemoryLike) => MemoryLike, caught: string, message: string]

/** Short enough for what never ends; what ends in memory takes a few milliseconds. */
export const patienceMs = 1_500

/** A sink with something replaced. */
export function alter(sink: MemoryLike, change: Partial<MemoryLike>): MemoryLike {
  return {
    name: sink.name,
    encode: (batches) => sink.encode(batches),
    send: (body, options) => sink.send(body, options),
    close: async () => sink.close?.(),
    ...change,
  }
}

/** A sink whose `send` is another. */
export function sending(change: (send: Send) => Send): (sink: MemoryLike) => MemoryLike {
  return (sink) => alter(sink, { send: change((body, options) => sink.send(body, options)) })
}

/** A sink that says something else than it should of some outcomes. */
export function saying(change: (outcome: SendOutcome) => SendOutcome): (sink: MemoryLike) => MemoryLike {
  return sending((send) => async (body, options) => change(await send(body, options)))
}

/** A sink whose `encode` is another. */
export function encoding(change: (encode: MemoryLike['encode']) => MemoryLike['encode']): (sink: MemoryLike) => MemoryLike {
  return (sink) => alter(sink, { encode: change((batches) => sink.encode(batches)) })
}

/** Batches without some of their samples. */
export function without(
  batches: readonly Batch[],
  isLost: (sample: Sample) => boolean,
): Batch[] {
  return batches.map((batch) =>
    batchOf(
      [...samplesOf(batch)].filter((sample) => !isLost(sample)),
      batch.origin,
    ),
  )
}

/** Even series and odd ones apart. */
export function inTwoParts(batches: readonly Batch[]): ReturnType<MemoryLike['encode']> {
  const half = (parity: number): Batch[] => without(batches, ({ labels }) => Number(labels.get('i')) % 2 !== parity)
  return [encodeInMemory('even', half(0)), encodeInMemory('odd', half(1))]
}
