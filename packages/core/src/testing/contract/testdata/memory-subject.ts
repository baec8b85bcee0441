import type { SendOutcome, Sink } from '../../../delivery/sink.js'
import { zeroCounts } from '../../../model/batch.js'
import { createMemorySink, type MemoryBody, type MemorySend } from '../../memory-sink.js'
import type { Destination, DestinationAnswer, SinkContractSubject } from '../subject.js'
import { samplesOfBatches } from '../material.js'

/** The memory sink, or one made of it, before a destination that is a function. */
export function memorySubject(
  alter: (sink: Sink<MemoryBody>) => Sink<MemoryBody> = (sink) => sink,
  traits: Omit<SinkContractSubject, 'open'> = {},
): SinkContractSubject {
  return {
    lacks: { parts: 'its encoder makes one part' },
    divisible: true,
    ...traits,
    async open(destination) {
      const sink = alter(createMemorySink({ otherwise: (send) => answerOf(destination, send) }))
      return { sink, close: async () => {} }
    },
  }
}

async function answerOf(destination: Destination, { batches, signal }: MemorySend): Promise<SendOutcome> {
  signal.throwIfAborted()
  const answer = await destination.receive({ samples: samplesOfBatches(batches) })
  if (answer.status === 'hang') await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  return outcomeOf(answer)
}

/** What a destination's answer means. */
function outcomeOf({ status, retryAfterMs, refused = [] }: DestinationAnswer): SendOutcome {
  const error = new Error(`the destination says ${status}`)
  if (status === 'delivered') return { status }
  if (status === 'partial') {
    return { status: 'delivered', rejected: { counts: { ...zeroCounts, samples: refused.length }, reason: 'partial', message: error.message } }
  }
  if (status === 'rejected') return { status, error, cause: 'invalid', divisible: true }
  if (status === 'too-large') return { status: 'rejected', error, cause: 'too-large', divisible: true }
  if (status === 'blocked') return { status: 'retryable', error, blocked: error.message }
  return { status: 'retryable', error, ...(retryAfterMs !== undefined && { retryAfterMs }) }
}
