import { encodeInMemory, type MemoryBody } from '../../memory-sink.js'
import { alter, type BrokenSink, encoding, saying, sending } from './altered-sinks.js'

/** What shows in a pipeline, or at the end. */
export const brokenInPipelines: readonly BrokenSink[] = [
  [
    'takes too large for invalid',
    saying((outcome) => (outcome.status === 'rejected' ? { ...outcome, cause: 'invalid', divisible: false } : outcome)),
    'delivery: a request that is too large is sent in smaller ones',
    'samples were given up where smaller requests would have been taken',
  ],
  [
    'does not divide what it said it would',
    saying((outcome) => (outcome.status === 'rejected' ? { ...outcome, divisible: false } : outcome)),
    'delivery: what is refused costs no other origin anything, and goes to the dead letter',
    '10 samples were given up where one was refused',
  ],
  [
    'takes a missing right for a refusal for good',
    saying((outcome) =>
      outcome.status === 'retryable' ? { status: 'rejected', error: outcome.error, cause: 'invalid', divisible: false } : outcome,
    ),
    'delivery: blocked keeps the data and says why, and goes on when it is mended',
    'a second attempt of a blocked sink did not come to an end within 1500 ms (the sink is healthy; 0 retries, 0 spooled, 0 in flight)',
  ],
  [
    'reorders what was joined',
    encoding((encode) => (batches) => encode(batches.toReversed())),
    'delivery: failures in any order lose nothing, repeat nothing, keep each series in order, and the accounts balance at every moment',
    'a series is out of order: ',
  ],
  [
    'forgets what is under way when a flush asks',
    sending((send) => async (body, options) => {
      setTimeout(() => {
        send(body, options).catch(() => {})
      }, 50)
      return { status: 'delivered' }
    }),
    'delivery: a flush that races others and writes waits for what was written before it',
    'flush() resolved before everything that was written was stored',
  ],
  [
    'hangs in close',
    (sink) => alter(sink, { close: () => new Promise(() => {}) }),
    'close: ends, and a second one does no harm',
    'close() did not end within 1500 ms',
  ],
  [
    'throws when it is closed twice',
    (sink) => {
      let closed = false
      return alter(sink, {
        close: async () => {
          if (closed) throw new Error('already closed')
          closed = true
        },
      })
    },
    'close: ends, and a second one does no harm',
    'already closed',
  ],
  [
    'needs to have sent something to be closed',
    (sink) => {
      let sent = false
      return alter(sink, {
        send: (body, options) => {
          sent = true
          return sink.send(body, options)
        },
        close: async () => {
          if (!sent) throw new Error('not connected')
        },
      })
    },
    'close: ends where nothing was ever sent',
    'not connected',
  ],
  [
    'says delivered of what is cut short at close',
    sending((send) => (body, options) => send(body, options).catch(() => ({ status: 'delivered' }))),
    'restart: what was not settled is sent by the next one, and nothing else',
    'what is stored or in the dead letter: ',
  ],
  [
    'hopes that one sample will be smaller tomorrow',
    sending((send) => async (body, options) => {
      const outcome = await send(body, options)
      const isOne = encodeInMemory('', body).counts.samples === 1
      return outcome.status === 'rejected' && isOne ? { status: 'retryable', error: outcome.error } : outcome
    }),
    'delivery: one sample that is too large by itself is given up alone',
    'flush() did not come to an end within 1500 ms (the sink is retrying, the destination says too-large; ',
  ],
  [
    'knows an origin by its first batch',
    (sink) => {
      const known = new Map<string, MemoryBody>()
      return alter(sink, {
        encode: (batches) => {
          const key = batches.map(({ origin }) => origin.id).join()
          const body = known.get(key) ?? batches
          known.set(key, body)
          return [encodeInMemory('memory', body)]
        },
      })
    },
    'delivery: an encode that throws for one sample costs that sample alone',
    'samples are in no part and in nothing dropped',
  ],
  [
    'forgets those who have a tenant',
    sending((send) => (body, options) =>
      send(
        body.filter(({ origin }) => origin.tenant === undefined),
        options,
      ),
    ),
    'delivery: several tenants and none',
    'what is stored or in the dead letter: 16 of 20 samples are missing or altered:',
  ],
  [
    'waits in close for what never ends',
    (sink) => {
      let last: Promise<unknown> = Promise.resolve()
      return alter(sink, {
        send: (body, { attempt }) => {
          const sent = sink.send(body, { attempt, signal: new AbortController().signal })
          last = sent
          return sent
        },
        close: async () => {
          await last
        },
      })
    },
    'close: ends after an attempt that was aborted',
    'close() did not end within 1500 ms',
  ],
]
