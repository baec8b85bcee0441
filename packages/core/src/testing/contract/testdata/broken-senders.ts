import { alter, type BrokenSink, saying, sending, without } from './altered-sinks.js'

/** What can be wrong with `prepare` and `send`. */
export const brokenSenders: readonly BrokenSink[] = [
  [
    'does not hear that its preparation is aborted',
    (sink) => alter(sink, { prepare: ({ signal }) => (signal.aborted ? new Promise(() => {}) : Promise.resolve({ status: 'delivered' })) }),
    'prepare: ends where its signal had aborted before, and works when it is made again',
    'prepare(), whose signal had aborted before, did not end within 1000 ms',
  ],
  [
    'throws after it has delivered',
    sending((send) => async (body, options) => {
      await send(body, options)
      throw new Error('the socket is gone')
    }),
    'send: what is delivered arrives once, unaltered',
    'the socket is gone',
  ],
  [
    'says delivered before the answer',
    sending((send) => async (body, options) => {
      send(body, options).catch(() => {})
      return { status: 'delivered' }
    }),
    'send: resolves when the destination has answered, and not before',
    'send() resolved while the destination had not answered',
  ],
  [
    'loses what it sends again',
    sending((send) => (body, options) => send(options.attempt === 0 ? body : without(body, ({ value }) => value % 2 === 0), options)),
    'send: a failure that passes is retryable, and the next attempt brings the same bytes',
    'the second attempt with a body: 10 of 20 samples are missing or altered:',
  ],
  [
    'tries again by itself',
    sending((send) => async (body, options) => {
      const outcome = await send(body, options)
      return outcome.status === 'retryable' ? send(body, options) : outcome
    }),
    'send: a failure that passes is retryable, and the next attempt brings the same bytes',
    'after a failure that passes send() says delivered, not retryable',
  ],
  [
    'tries again by itself, and tells of the first failure',
    sending((send) => async (body, options) => {
      const outcome = await send(body, options)
      if (outcome.status === 'retryable') await send(body, options)
      return outcome
    }),
    'send: a failure that passes is retryable, and the next attempt brings the same bytes',
    'one attempt brought 2 requests: to try again is for delivery',
  ],
  [
    'gives up at the first failure',
    saying((outcome) =>
      outcome.status === 'retryable' ? { status: 'rejected', error: outcome.error, cause: 'invalid', divisible: false } : outcome,
    ),
    'send: a failure that passes is retryable, and the next attempt brings the same bytes',
    'after a failure that passes send() says rejected (the destination says retryable), not retryable',
  ],
  [
    'takes a lost answer for a good one',
    saying((outcome) => (outcome.status === 'retryable' ? { status: 'delivered' } : outcome)),
    'send: an answer that was lost is retryable, and the next attempt brings the same bytes',
    'after a connection that broke before the answer send() says delivered, not retryable',
  ],
  [
    'forgets Retry-After',
    saying((outcome) => (outcome.status === 'retryable' ? { status: 'retryable', error: outcome.error } : outcome)),
    'send: Retry-After is handed on',
    'the destination asked to be left alone for 2000 ms, and retryAfterMs is undefined',
  ],
  [
    'swallows 4xx',
    saying((outcome) => (outcome.status === 'rejected' ? { status: 'delivered' } : outcome)),
    'send: a refusal for good is told as one',
    'the destination refused it all, and send() says delivered',
  ],
  [
    'does not tell what was refused of a request',
    saying((outcome) => (outcome.status === 'delivered' ? { status: 'delivered' } : outcome)),
    'send: what was refused of a request is counted as rejected, the rest as delivered',
    'the destination refused one sample, and send() says delivered',
  ],
  [
    'does not say that a person is needed',
    saying((outcome) => (outcome.status === 'retryable' ? { status: 'retryable', error: outcome.error } : outcome)),
    'send: what a person has to mend is blocked, in words',
    'after a refusal that a person has to mend, the outcome does not say that it is blocked, and why',
  ],
  [
    'ignores its signal',
    sending(
      (send) =>
        (body, { attempt }) =>
          send(body, { attempt, signal: new AbortController().signal }),
    ),
    'send: ends soon after its signal aborts, and the next one works',
    'send(), after its signal aborted, did not end within 1000 ms',
  ],
  [
    'says delivered when it is aborted',
    sending((send) => (body, options) => send(body, options).catch(() => ({ status: 'delivered' }))),
    'send: ends soon after its signal aborts, and the next one works',
    'an aborted attempt came to delivered',
  ],
  [
    'gives up what is aborted before it began',
    sending((send) => async (body, options) => {
      if (options.signal.aborted) return { status: 'rejected', error: new Error('aborted'), cause: 'invalid', divisible: false }
      return send(body, options)
    }),
    'send: ends where its signal had aborted before',
    'an attempt that was aborted before it began came to rejected: its samples would be given up',
  ],
  [
    'sends one after the other, whatever it says',
    (sink) => {
      let last: Promise<unknown> = Promise.resolve()
      return alter(sink, {
        send: (body, options) => {
          const sent = last.then(() => sink.send(body, options))
          last = sent
          return sent
        },
      })
    },
    'send: several under way have each the answer to its own request',
    'the second request, while the first waits for its answer, did not happen within 1500 ms',
  ],
]
