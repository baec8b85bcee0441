import { describe, expect, it } from 'vitest'
import type { MemoryBody } from '../memory-sink.js'
import { alter, type BrokenSink, encoding, inTwoParts, saying, sending } from './testdata/altered-sinks.js'
import { memorySubject } from './testdata/memory-subject.js'
import { runCase } from './testdata/run-case.js'

const broken: readonly BrokenSink[] = [
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
    'a second attempt of a blocked sink did not come to an end within 1500 ms (the sink is idle; 0 retries, 0 spooled, 0 in flight)',
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
]

describe('a sink that', () => {
  it.each<BrokenSink>(broken)('%s is caught', (_, sink, name, message) =>
    expect(runCase(memorySubject(sink), name)).rejects.toThrow(message),
  )

  it('sends parts again that were delivered is caught', async () => {
    const subject = memorySubject(
      (sink) => {
        let last: MemoryBody = []
        return alter(sink, {
          encode: inTwoParts,
          send: async (body, options) => {
            // What it sent before rides along.
            const both = [...last, ...body]
            last = body
            return sink.send(both, options)
          },
        })
      },
      { lacks: {} },
    )
    const name = 'delivery: a part that fails does not hold up the others, nor send them again'
    await expect(runCase(subject, name)).rejects.toThrow(/one part fails, and|arrived twice for no reason/)
  })

  it('makes parts keeps the contract', async () => {
    const subject = memorySubject((sink) => alter(sink, { encode: inTwoParts }), { lacks: {} })
    for (const name of [
      'delivery: a part that fails does not hold up the others, nor send them again',
      'delivery: several tenants and none',
    ]) {
      await runCase(subject, name)
    }
  })

  it('makes parts and is said not to is caught', async () => {
    const subject = memorySubject((sink) => alter(sink, { encode: inTwoParts }))
    await expect(runCase(subject, 'encode: what a part counts and what is dropped add up to the batches')).rejects.toThrow(
      'the sink is said to make one part ("its encoder makes one part"), and made 2',
    )
  })
})
