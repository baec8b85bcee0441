import type { DeadLetter } from '../delivery/sink.js'
import type { Consume, Transform } from '../model/flow.js'
import { relabelTransform } from '../relabel/relabel-transform.js'

export interface SinkDeadLetterOptions {
  /** Takes what was refused: the `write` of another pipeline, with the sink that keeps it. Not of the same: its sink would get it again. */
  readonly consume: Consume
  /**
   * Whether each series gets the labels `dead_letter_sink` and `dead_letter_reason`, where it has none of these names: who refused it, and
   * why. Default true; otherwise batches go on as they are.
   */
  readonly labels?: boolean
}

/**
 * A dead letter in another sink. A write resolves when the other pipeline has taken the batch, and rejects as its `write` does; until
 * then nothing is acknowledged. How much is kept there, and what goes first, is the other pipeline's to say: with `overflow: 'drop-oldest'`
 * it is bounded as a folder is, the oldest go first and are counted. That pipeline is not closed here: close it after this one, see
 * `closePipelines`.
 */
export function createSinkDeadLetter({ consume, labels = true }: SinkDeadLetterOptions): DeadLetter {
  /** By sink and reason, of which there are few; kept, for each remembers the lists that it has labelled. */
  const labellings = new Map<string, Transform>()
  const labellingFor = (sink: string, reason: string): Transform => {
    const key = JSON.stringify([sink, reason])
    const known = labellings.get(key) ?? relabelTransform([], { externalLabels: { dead_letter_sink: sink, dead_letter_reason: reason } })
    labellings.set(key, known)
    return known
  }
  return {
    async write(batch, { sink, reason }, options) {
      const labelled = labels ? labellingFor(sink, reason)(batch, () => {}) : batch
      await consume(labelled, options)
    },
  }
}
