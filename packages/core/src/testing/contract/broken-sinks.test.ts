import { describe, expect, it } from 'vitest'
import type { SendOutcome, Sink } from '../../delivery/sink.js'
import { addCounts, type Batch } from '../../model/batch.js'
import { batchOf, samplesOf } from '../../model/samples.js'
import { proveSink, sinkContract } from '../index.js'
import { encodeInMemory, type MemoryBody } from '../memory-sink.js'
import { memorySubject } from './testdata/memory-subject.js'

type MemoryLike = Sink<MemoryBody>
type Send = MemoryLike['send']

/** Short enough for what never ends; what ends in memory takes a few milliseconds. */
const patienceMs = 1_500

const oneMore = { samples: 1, histograms: 0, exemplars: 0 }

/** A sink with something replaced. */
function alter(sink: MemoryLike, change: Partial<MemoryLike>): MemoryLike {
  return {
    name: sink.name,
    encode: (batches) => sink.encode(batches),
    send: (body, options) => sink.send(body, options),
    close: async () => sink.close?.(),
    ...change,
  }
}

function sending(change: (send: Send) => Send): (sink: MemoryLike) => MemoryLike {
  return (sink) => alter(sink, { send: change((body, options) => sink.send(body, options)) })
}

/** A sink that says something else than it should of some outcomes. */
function saying(change: (outcome: SendOutcome) => SendOutcome): (sink: MemoryLike) => MemoryLike {
  return sending((send) => async (body, options) => change(await send(body, options)))
}

function encoding(change: (encode: MemoryLike['encode']) => MemoryLike['encode']): (sink: MemoryLike) => MemoryLike {
  return (sink) => alter(sink, { encode: change((batches) => sink.encode(batches)) })
}

/** Batches without some of their samples. */
function without(
  batches: readonly Batch[],
  isLost: (sample: ReturnType<typeof samplesOf> extends Generator<infer One> ? One : never) => boolean,
): Batch[] {
  return batches.map((batch) =>
    batchOf(
      [...samplesOf(batch)].filter((sample) => !isLost(sample)),
      batch.origin,
    ),
  )
}

/** Even series and odd ones apart. */
function inTwoParts(batches: readonly Batch[]): ReturnType<MemoryLike['encode']> {
  const half = (parity: number): Batch[] => without(batches, ({ labels }) => Number(labels.get('i')) % 2 !== parity)
  return [encodeInMemory('even', half(0)), encodeInMemory('odd', half(1))]
}

const broken: readonly (readonly [what: string, sink: (sink: MemoryLike) => MemoryLike, caught: string, message: string])[] = [
  [
    'counts what it does not send',
    encoding((encode) => (batches) => encode(batches).map((one) => ({ ...one, counts: addCounts(one.counts, oneMore) }))),
    'encode: what a part counts and what is dropped add up to the batches',
    'parts count 2 samples, 0 histograms, 0 exemplars and drop 0 samples, 0 histograms, 0 exemplars of 1 samples, 0 histograms, 0 exemplars',
  ],
  [
    'loses a sample on its way into the body',
    encoding((encode) => (batches) => encode(batches).map((one) => ({ ...one, body: without(one.body, ({ value }) => value === 7) }))),
    'encode: the number of samples that arrive is the number that is counted',
    'a part counts 200 samples, and 199 arrived',
  ],
  [
    'encodes impurely',
    (sink) => {
      let calls = 0
      return alter(sink, { encode: (batches) => sink.encode(batches).map((one) => ({ ...one, part: `part ${calls++}` })) })
    },
    'encode: is pure, the same batches give the same parts',
    'the same batches became other parts or other counts when they were encoded again',
  ],
  [
    'stamps its bodies',
    (sink) => {
      let calls = 0
      return alter(sink, { encode: (batches) => sink.encode(batches).map((one) => ({ ...one, bytes: one.bytes + calls++ })) })
    },
    'encode: the same batches give the same bytes',
    'the same batches became other bytes when they were encoded again',
  ],
  [
    'writes into the batches',
    encoding((encode) => (batches) => {
      for (const { columns } of batches) for (const one of columns) if (one.kind === 'samples') one.values.fill(1)
      return encode(batches)
    }),
    'encode: leaves the batches as they are',
    'encode() changed the batches that it was given',
  ],
  [
    'uses one buffer for all bodies',
    (sink) => {
      const shared: Batch[] = []
      return alter(sink, {
        encode: (batches) =>
          sink.encode(batches).map((one) => {
            shared.splice(0, shared.length, ...one.body)
            return { ...one, body: shared }
          }),
      })
    },
    'encode: a body stays as it is while others are made',
    'two bodies of one list of series, the second made before the first was sent: 20 of 40 samples are missing or altered:',
  ],
  [
    'throws for nothing',
    encoding((encode) => (batches) => {
      if (batches.length === 0) throw new Error('no batches')
      return encode(batches)
    }),
    'encode: nothing becomes nothing',
    'no batches',
  ],
  [
    'writes NaN as 0',
    encoding(
      (encode) => (batches) =>
        encode(
          batches.map((batch) =>
            batchOf(
              Array.from(samplesOf(batch), (one) => ({ ...one, value: one.value || 0 })),
              batch.origin,
            ),
          ),
        ),
    ),
    'encode: numbers at the edges, NaN and the infinities arrive unaltered, or are counted as dropped',
    'numbers at the edges, NaN and the infinities: 2 of 13 samples are missing or altered:',
  ],
  [
    'drops staleness markers and tells nobody',
    encoding((encode) => (batches) => encode(without(batches, ({ stale }) => stale))),
    'encode: staleness markers arrive unaltered, or are counted as dropped',
    'parts count 3 samples, 0 histograms, 0 exemplars and drop 0 samples, 0 histograms, 0 exemplars of 6 samples, 0 histograms, 0 exemplars',
  ],
  [
    'loses a label that is called __proto__',
    encoding(
      (encode) => (batches) =>
        encode(
          batches.map((batch) =>
            batchOf(
              Array.from(samplesOf(batch), (sample) => {
                const labels: Record<string, string> = {}
                for (const [name, value] of Object.entries(sample.labels.toObject())) labels[name] = value
                return { ...sample, labels }
              }),
              batch.origin,
            ),
          ),
        ),
    ),
    'encode: label names that JavaScript or a format takes for its own, __proto__ among them arrive unaltered, or are counted as dropped',
    'label names that JavaScript or a format takes for its own, __proto__ among them: 1 of 12 samples are missing or altered:',
  ],
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
  it.each(broken)('%s is caught', async (_, sink, name, message) => {
    const found = sinkContract(memorySubject(sink), { patienceMs }).find((one) => one.name === name)
    expect(found, name).toBeDefined()
    await expect(found?.run()).rejects.toThrow(message)
  })

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
    const found = sinkContract(subject, { patienceMs }).find((one) => one.name === name)
    await expect(found?.run()).rejects.toThrow(/one part fails, and|arrived twice for no reason/)
  })

  it('makes parts keeps the contract', async () => {
    const subject = memorySubject((sink) => alter(sink, { encode: inTwoParts }), { lacks: {} })
    for (const name of [
      'delivery: a part that fails does not hold up the others, nor send them again',
      'delivery: several tenants and none',
    ]) {
      await sinkContract(subject)
        .find((one) => one.name === name)
        ?.run()
    }
  })

  it('makes parts and is said not to is caught', async () => {
    const subject = memorySubject((sink) => alter(sink, { encode: inTwoParts }))
    const [first] = sinkContract(subject)
    await expect(first?.run()).rejects.toThrow('the sink is said to make one part ("its encoder makes one part"), and made 2')
  })
})

describe('proveSink()', () => {
  it('tells of what passed, and of what does not apply', async () => {
    const lacks = { partial: 'all or nothing', blocked: 'nobody is asked for a password' }
    const report = await proveSink(memorySubject(undefined, { lacks: { ...lacks, parts: 'one part' } }))
    expect(report.notApplicable.map(({ reason }) => reason)).toEqual([
      'partial: all or nothing',
      'blocked: nobody is asked for a password',
      'parts: one part',
      'blocked: nobody is asked for a password',
    ])
    expect(report.passed.length + report.notApplicable.length).toBe(sinkContract(memorySubject()).length)
  })

  it('lists every case that failed, with its reason', async () => {
    const subject = memorySubject(saying((outcome) => (outcome.status === 'rejected' ? { status: 'delivered' } : outcome)))
    await expect(proveSink(subject, { patienceMs })).rejects.toMatchObject({ code: 'contract', facts: { failed: 4 } })
    await expect(proveSink(subject, { patienceMs })).rejects.toThrow(
      '- send: a refusal for good is told as one: the destination refused it all, and send() says delivered\n',
    )
  })
})
