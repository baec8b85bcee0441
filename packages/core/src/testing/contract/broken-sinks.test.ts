import { describe, expect, it } from 'vitest'
import { sinkContract } from '../index.js'
import type { MemoryBody } from '../memory-sink.js'
import { alter, type BrokenSink, inTwoParts } from './testdata/altered-sinks.js'
import { brokenEncoders } from './testdata/broken-encoders.js'
import { brokenInPipelines } from './testdata/broken-in-pipelines.js'
import { brokenSenders } from './testdata/broken-senders.js'
import { memorySubject } from './testdata/memory-subject.js'
import { runCase } from './testdata/run-case.js'

const broken: readonly BrokenSink[] = [...brokenEncoders, ...brokenSenders, ...brokenInPipelines]
const aboutParts = 'delivery: a part that fails does not hold up the others, nor send them again'

describe('the contract', () => {
  it('has no case that was never seen to catch anything', () => {
    const names = sinkContract(memorySubject()).map(({ name }) => name)
    expect(new Set([...broken.map(([, , caught]) => caught), aboutParts])).toEqual(new Set(names))
  })
})

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
    await expect(runCase(subject, aboutParts)).rejects.toThrow(/one part fails, and|arrived twice for no reason/)
  })

  it('makes parts keeps the contract', async () => {
    const subject = memorySubject((sink) => alter(sink, { encode: inTwoParts }), { lacks: {} })
    for (const name of [aboutParts, 'delivery: several tenants and none']) {
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
