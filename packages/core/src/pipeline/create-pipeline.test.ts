import { getEventListeners } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { SendOutcome } from '../delivery/sink.js'
import { countsOf } from '../model/batch.js'
import type { Source, Transform } from '../model/flow.js'
import type { Logger } from '../model/logger.js'
import { createDiskSpool } from '../spool/disk-spool.js'
import { createMemorySpool } from '../spool/memory-spool.js'
import { createFakeClock } from '../testing/fake-clock.js'
import { createMemorySink } from '../testing/memory-sink.js'
import { closePipelines } from './close-pipelines.js'
import { createPipeline } from './create-pipeline.js'
import type { Pipeline } from './pipeline.js'
import { DoubleDisk, DoubleSpool } from './testdata/double-spool.js'
import { batch, MemoryDeadLetter, range, startRig, valuesOf } from './testdata/rig.js'

const down: SendOutcome = { status: 'retryable', error: new Error('down') }
const unauthorized: SendOutcome = { status: 'retryable', error: new Error('401'), blocked: 'refused (401)' }
const noCounts = { samples: 0, histograms: 0, exemplars: 0 }

describe('createPipeline()', () => {
  const spool = new DoubleSpool({ clock: createFakeClock() })
  const named = (name: string) => ({ sink: createMemorySink({ name }) })

  it.each([
    ['an empty name', { name: '' }, 'a pipeline needs a name'],
    ['a sink name that no file can have', { sinks: [named('a/b')] }, 'sink name "a/b" is not 1 to 64 letters, digits, "-" and "_"'],
    ['a sink name twice', { sinks: [named('a'), named('a')] }, 'pipeline "p": sink name "a" is given twice'],
    [
      'a source name twice',
      {
        sources: [
          { name: 's', run: async () => {} },
          { name: 's', run: async () => {} },
        ],
      },
      'pipeline "p": source name "s" is given twice',
    ],
    [
      'delivery options out of range',
      { sinks: [{ ...named('a'), delivery: { lanes: 0 } }] },
      'sink "a": lanes must be a whole number, 1 to 1024, not 0',
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => createPipeline({ name: 'p', spool, sinks: [], ...options })).toThrow(expect.objectContaining({ code: 'options', message }))
  })

  it('opens nothing before the first write', async () => {
    const rig = startRig({ sink: createMemorySink() })
    const open = vi.spyOn(rig.spool, 'open')
    expect(rig.pipeline.status()).toMatchObject({ name: 'p', state: 'new' })
    expect(open).not.toHaveBeenCalled()
    await Promise.all([rig.write(batch('a', [1])), rig.write(batch('a', [2])), rig.pipeline.open()])
    expect(open).toHaveBeenCalledTimes(1)
    expect(rig.pipeline.status().state).toBe('running')
  })

  it('refuses writes where the spool cannot be opened, and says why each time', async () => {
    const rig = startRig({ sink: createMemorySink() })
    rig.spool.open = () => Promise.reject(new Error('locked by pid 1'))
    await expect(rig.write(batch('a', [1]))).rejects.toThrow('locked by pid 1')
    await expect(rig.write(batch('a', [1]))).rejects.toThrow('locked by pid 1')
    expect(rig.pipeline.accounts().intake).toMatchObject({ in: noCounts, refused: { samples: 2 }, balanced: true })
    await rig.during(rig.pipeline.close())
  })
})

describe('write', () => {
  it('is bound, and rejects after close', async () => {
    const { pipeline, during } = startRig({ sink: createMemorySink() })
    const { write } = pipeline
    expect(await write(batch('a', [1]))).toEqual({ status: 'spooled' })
    await during(pipeline.close())
    await expect(write(batch('a', [1]))).rejects.toMatchObject({ code: 'closed', message: 'pipeline "p" is closed' })
  })

  it('counts what the spool refuses as refused, and leaves it to the writer', async () => {
    let full: Error | undefined = new Error('no space')
    const { write, pipeline, clock, accounts } = startRig({ sink: createMemorySink() }, { spoolOptions: { refuse: () => full } })
    await expect(write(batch('a', [1, 2]))).rejects.toThrow('no space')
    full = undefined
    await write(batch('a', [1, 2]))
    await clock.advance(1_000)
    expect(pipeline.accounts().intake).toMatchObject({ in: { samples: 2 }, refused: { samples: 2 }, spooled: { samples: 2 } })
    expect(accounts()).toEqual({ in: 2, delivered: 2 })
  })

  it('listens to the signal of a writer once, however much comes with it', async () => {
    const { pipeline } = startRig({ sink: createMemorySink() })
    const { signal } = new AbortController()
    for (const i of range(0, 20)) await pipeline.write(batch('a', [i], { timestampMs: i }), { signal })
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  })

  it("gives up at the writer's signal", async () => {
    const { write, pipeline, clock, accounts } = startRig(
      { sink: createMemorySink({ otherwise: down }) },
      { spoolOptions: { maxBytes: 16 } },
    )
    await write(batch('a', [1]))
    const controller = new AbortController()
    const waiting = pipeline.write(batch('a', [2]), { signal: controller.signal })
    waiting.catch(() => {})
    await clock.advance(10)
    controller.abort(new Error('client went away'))
    await expect(waiting).rejects.toThrow('client went away')
    expect(accounts()).toEqual({ in: 1, spooled: 1 })
  })

  it('applies the transforms, and acknowledges what they leave nothing of', async () => {
    const positive: Transform = (one, drop) => {
      const kept = valuesOf([one]).filter((value) => value > 0)
      const samples = countsOf(one).samples - kept.length
      if (samples > 0) drop('negative', { ...noCounts, samples })
      return batch(one.origin.id, kept)
    }
    const { write, pipeline, clock, accounts, spool } = startRig({ sink: createMemorySink() }, { transforms: [positive] })
    expect(await write(batch('a', [-1]))).toEqual({ status: 'delivered' })
    await write(batch('a', [-1, 1, 2]))
    await clock.advance(1_000)
    expect(spool.head).toBe(1)
    expect(pipeline.accounts().intake).toMatchObject({
      in: { samples: 4 },
      dropped: { negative: { samples: 2 } },
      spooled: { samples: 2 },
      balanced: true,
    })
    expect(accounts()).toEqual({ in: 2, delivered: 2 })
  })

  it.each([
    ['leaves out in silence', [1], { in: { samples: 2 }, dropped: { unaccounted: { samples: 1 } }, spooled: { samples: 1 } }],
    ['adds', [1, 2, 3], { in: { samples: 3 }, dropped: {}, spooled: { samples: 3 } }],
  ])('balances also where a transform %s', async (_, values, expected) => {
    const { write, pipeline } = startRig({ sink: createMemorySink() }, { transforms: [(one) => batch(one.origin.id, values)] })
    await write(batch('a', [1, 2]))
    expect(pipeline.accounts()).toMatchObject({ intake: expected, balanced: true })
  })

  it('shows batches to the tap and to listeners; a throw of theirs disturbs nothing', async () => {
    const warnings: string[] = []
    const logger: Logger = { debug() {}, info() {}, error() {}, warn: (_, message) => warnings.push(message) }
    const seen: number[] = []
    const { write, pipeline, clock, accounts } = startRig(
      { sink: createMemorySink() },
      {
        logger,
        tap: (one) => {
          seen.push(...valuesOf([one]))
          throw new Error('tap')
        },
      },
    )
    for (const event of ['batch', 'delivered', 'state'] as const) {
      pipeline.events.on(event, () => {
        throw new Error(event)
      })
    }
    await write(batch('a', [1, 2]))
    await clock.advance(1_000)
    expect(seen).toEqual([1, 2])
    expect(accounts()).toEqual({ in: 2, delivered: 2 })
    expect(warnings).toContain('The tap of pipeline p threw: tap. The batch goes its way.')
    expect(warnings).toContain('A listener of pipeline p threw: delivered.')
  })
})

describe('several sinks', () => {
  it('keeps the accounts of each, and neither waits for the other', async () => {
    const [healthy, ill] = [createMemorySink({ name: 'healthy' }), createMemorySink({ name: 'ill', otherwise: down })]
    const { write, clock, accounts, pipeline } = startRig([{ sink: healthy }, { sink: ill }])
    for (const id of range(0, 20)) await write(batch(`t${id}`, [id]))
    await clock.advance(5_000)
    expect(accounts('healthy')).toEqual({ in: 20, delivered: 20 })
    expect(accounts('ill')).toEqual({ in: 20, inFlight: 20 })
    expect(pipeline.status().sinks.map(({ name, state, bytes }) => ({ name, state, bytes }))).toEqual([
      { name: 'healthy', state: 'healthy', bytes: 0 },
      { name: 'ill', state: 'retrying', bytes: 320 },
    ])
  })
})

describe('recovery', () => {
  it('counts what lay in the spool, without what its lane had settled, and goes on there', async () => {
    const disk = new DoubleDisk()
    const first = startRig(
      { sink: createMemorySink({ otherwise: ({ batches }) => (valuesOf(batches)[0] === 0 ? down : { status: 'delivered' }) }) },
      { spoolOptions: { disk } },
    )
    for (const id of range(0, 10)) await first.write(batch(`t${id}`, [id]))
    await first.during(first.pipeline.close())
    const { delivered, spooled } = first.accounts()
    expect(delivered! + spooled!).toBe(10)
    expect(spooled).toBeLessThan(10)

    const sink = createMemorySink()
    const second = startRig({ sink }, { spoolOptions: { disk } })
    await second.pipeline.open()
    expect(second.accounts()).toEqual({ recovered: spooled, spooled })
    await second.write(batch('t0', [100]))
    await second.clock.advance(2_000)
    expect(second.accounts()).toEqual({ recovered: spooled, in: 1, delivered: spooled! + 1 })
    expect(valuesOf(sink.delivered)).toContain(0)
  })
})

describe('flush', () => {
  it('resolves when everything that was there is settled for every sink, without waiting to join', async () => {
    const { write, pipeline, clock, accounts, during } = startRig({
      sink: createMemorySink({ script: [down] }),
      delivery: { batchSendDeadlineMs: 3_600_000 },
    })
    await write(batch('a', [1]))
    await during(pipeline.flush())
    expect(accounts()).toEqual({ in: 1, delivered: 1 })
    expect(clock.monotonicMs()).toBe(15)
  })

  it('rejects with the reason of its signal, or when the pipeline closes first', async () => {
    const { write, pipeline, during } = startRig({ sink: createMemorySink({ otherwise: down }) })
    await write(batch('a', [1]))
    const controller = new AbortController()
    const flushed = pipeline.flush({ signal: controller.signal })
    flushed.catch(() => {})
    controller.abort(new Error('enough'))
    await expect(flushed).rejects.toThrow('enough')
    const other = pipeline.flush()
    other.catch(() => {})
    await during(pipeline.close())
    await expect(other).rejects.toThrow('pipeline "p" is closed')
  })
})

describe('what is lost while a sink is opened', () => {
  it('is counted, and not waited for, also where nothing comes after it', async () => {
    const { pipeline, spool, during, accounts } = startRig({ sink: createMemorySink() })
    for (const value of [1, 2]) await spool.append(batch('a', [value], { timestampMs: value }))
    const cursor = spool.cursor.bind(spool)
    spool.cursor = async (options) => {
      const opened = await cursor(options)
      opened.next = () => new Promise(() => {})
      const lose = (): void => {
        for (const seq of [1, 2]) options.onLost?.({ seq, counts: { ...noCounts, samples: 1 }, reason: 'age' })
      }
      opened.skim = async function* () {
        lose()
        yield* []
      }
      return opened
    }
    await during(pipeline.flush())
    expect(accounts()).toEqual({ recovered: 2, 'dropped age': 2 })
  })

  it('is not waited for where its lane had settled it, and the spool says nothing of it', async () => {
    const disk = new DoubleDisk()
    disk.marks.set('memory', [0, 2])
    const { pipeline, spool, during, accounts } = startRig({ sink: createMemorySink(), delivery: { lanes: 2 } }, { spoolOptions: { disk } })
    for (const value of [1, 2]) await spool.append(batch('a', [value], { timestampMs: value }))
    const cursor = spool.cursor.bind(spool)
    spool.cursor = async (options) => {
      const opened = await cursor(options)
      opened.next = ({ signal }) => {
        if (opened.position === 0) options.onLost?.({ seq: 1, counts: { ...noCounts, samples: 1 }, reason: 'damage' })
        opened.seek(3)
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined)))
      }
      opened.skim = async function* () {
        yield* []
      }
      return opened
    }
    await during(pipeline.flush())
    expect(accounts()).toEqual({ recovered: 1, 'dropped damage': 1 })
  })
})

describe('close', () => {
  it('drains what is there, then closes sinks, dead letters and the spool, once', async () => {
    const sink = createMemorySink()
    const deadLetter = new MemoryDeadLetter()
    const lines: string[] = []
    const logger: Logger = { debug() {}, warn() {}, error() {}, info: (_, message) => lines.push(message) }
    const { write, pipeline, clock, spool, accounts, during } = startRig({ sink, deadLetter }, { logger })
    await write(batch('a', [1, 2]))
    await during(Promise.all([pipeline.close(), pipeline.close(), pipeline[Symbol.asyncDispose]()]))
    expect(accounts()).toEqual({ in: 2, delivered: 2 })
    expect({ sink: sink.closed, deadLetter: deadLetter.closed, spool: spool.closed }).toEqual({ sink: true, deadLetter: 1, spool: true })
    expect(pipeline.status().state).toBe('closed')
    expect(clock.monotonicMs()).toBe(0)
    expect(clock.timers).toBe(0)
    expect(lines).toEqual([
      'pipeline p closed: memory: recovered 0 + in 2 = delivered 2 + rejected 0 + dropped 0 + spooled 0 + in flight 0',
    ])
  })

  it('keeps to its deadline; what is not delivered stays in the spool', async () => {
    const hanging = createMemorySink({ otherwise: ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', reject)) })
    const { write, pipeline, clock, accounts, during } = startRig({ sink: hanging })
    await write(batch('a', [1]))
    await during(pipeline.close({ deadlineMs: 5_000 }))
    expect(clock.monotonicMs()).toBe(4_000)
    expect(accounts()).toEqual({ in: 1, spooled: 1 })
  })

  it('keeps to its deadline where a sink neither listens nor closes', async () => {
    const sink = createMemorySink({ otherwise: () => new Promise(() => {}) })
    sink.close = () => new Promise(() => {})
    const { write, pipeline, clock, accounts, during } = startRig({ sink })
    await write(batch('a', [1]))
    await during(pipeline.close({ deadlineMs: 5_000 }))
    expect(clock.monotonicMs()).toBe(5_000)
    expect(accounts()).toEqual({ in: 1, spooled: 1 })
  })

  it('does not wait for a sink that waits for a person', async () => {
    const { write, pipeline, clock, accounts, during } = startRig({
      sink: createMemorySink({ otherwise: unauthorized }),
      delivery: { batchSendDeadlineMs: 0 },
    })
    await write(batch('a', [1]))
    await clock.advance(10)
    await during(pipeline.close())
    expect(clock.monotonicMs()).toBe(10)
    expect(accounts()).toEqual({ in: 1, spooled: 1 })
  })

  it('takes the outcome of an attempt that ends in time after its abort', async () => {
    const sink = createMemorySink({
      otherwise: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve({ status: 'delivered' }))),
    })
    const { write, pipeline, accounts, during } = startRig({ sink })
    await write(batch('a', [1]))
    await during(pipeline.close())
    expect(accounts()).toEqual({ in: 1, delivered: 1 })
  })

  it('refuses writes that wait for room at the end, and closes a pipeline that was never opened', async () => {
    const { write, pipeline, accounts, during } = startRig(
      { sink: createMemorySink({ otherwise: down }) },
      { spoolOptions: { maxBytes: 16 } },
    )
    await write(batch('a', [1]))
    const waiting = write(batch('a', [2]))
    waiting.catch(() => {})
    await during(pipeline.close())
    await expect(waiting).rejects.toMatchObject({ code: 'closed' })
    expect(accounts()).toEqual({ in: 1, spooled: 1 })
    const unopened = startRig({ sink: createMemorySink() })
    await unopened.during(unopened.pipeline.close())
    await expect(unopened.pipeline.open()).rejects.toMatchObject({ code: 'closed' })
    expect(unopened.spool.closed).toBe(false)
  })
})

describe('flush, close, apply and Symbol.asyncDispose', () => {
  const calls = {
    flush: (pipeline: Pipeline): Promise<unknown> => pipeline.flush(),
    close: (pipeline: Pipeline): Promise<unknown> => pipeline.close({ deadlineMs: 2_000 }),
    dispose: async (pipeline: Pipeline): Promise<unknown> => pipeline[Symbol.asyncDispose](),
    apply: (pipeline: Pipeline): Promise<unknown> => pipeline.apply({ sinks: [{ sink: createMemorySink({ otherwise: down }) }] }),
    write: (pipeline: Pipeline): Promise<unknown> => pipeline.write(batch('a', [7])),
  }
  const names = fc.constantFrom(...(Object.keys(calls) as (keyof typeof calls)[]))

  it('are safe in any order, twice and together: each comes to an end, and nothing acknowledged is unaccounted for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(names, fc.nat(400)), { maxLength: 8 }), fc.boolean(), async (order, isDown) => {
        const sink = createMemorySink(isDown ? { otherwise: down } : {})
        const { pipeline, clock, during, accounts, spool } = startRig({ sink })
        const ends: Promise<unknown>[] = []
        for (const [name, waitMs] of order) {
          ends.push(calls[name](pipeline).catch((error: unknown) => error))
          await clock.advance(waitMs)
        }
        ends.push(pipeline.close())
        for (const end of await during(Promise.all(ends))) {
          if (end instanceof Error) expect(end).toMatchObject({ code: 'closed' })
        }
        const { in: entered = 0, recovered = 0, spooled = 0, inFlight, delivered = 0 } = accounts()
        expect({ inFlight, total: entered + recovered }).toEqual({ inFlight: undefined, total: spooled + delivered })
        expect(spool.cursors.size).toBe(0)
        expect(clock.timers).toBe(0)
        expect(pipeline.status().state).toBe('closed')
      }),
      { numRuns: Number(process.env['PROMLINE_PROPERTY_RUNS'] ?? 200) },
    )
  })
})

describe('closePipelines()', () => {
  it('closes in order under one deadline, of which a sink that is down takes no more than its share', async () => {
    const fakeClock = createFakeClock()
    const first = startRig({ sink: createMemorySink({ otherwise: down }) }, { fakeClock })
    const second = startRig({ sink: createMemorySink() }, { fakeClock })
    await first.write(batch('a', [1]))
    await second.write(batch('a', [2]))
    const order: string[] = []
    for (const [name, { spool }] of Object.entries({ first, second })) {
      const close = spool.close.bind(spool)
      spool.close = () => {
        order.push(`${name} at ${fakeClock.monotonicMs()}`)
        return close()
      }
    }
    await first.during(closePipelines([first.pipeline, second.pipeline], { deadlineMs: 5_000, clock: fakeClock }))
    expect(order).toEqual(['first at 2000', 'second at 2000'])
    expect(first.accounts()).toEqual({ in: 1, spooled: 1 })
    expect(second.accounts()).toEqual({ in: 1, delivered: 1 })
  })
})

describe('run', () => {
  const ticking = (name: string, log: string[]): Source => ({
    name,
    async run(consume, { signal }) {
      log.push(`${name} runs`)
      await consume(batch(name, [1]))
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      await consume(batch(name, [2]))
      log.push(`${name} stopped`)
    },
  })

  it('runs the sources until its signal, takes their last words, and closes', async () => {
    const log: string[] = []
    const { pipeline, clock, accounts, during } = startRig({ sink: createMemorySink() }, { sources: [ticking('s', log)] })
    const controller = new AbortController()
    const running = pipeline.run({ signal: controller.signal })
    await clock.advance(1_000)
    expect(accounts()).toEqual({ in: 1, delivered: 1 })
    controller.abort()
    await during(running)
    expect(log).toEqual(['s runs', 's stopped'])
    expect(accounts()).toEqual({ in: 2, delivered: 2 })
    expect(pipeline.status().state).toBe('closed')
  })

  it('rejects with the error of a source that cannot go on, after everything was closed', async () => {
    const log: string[] = []
    const broken: Source = { name: 'broken', run: () => Promise.reject(new Error('port 80 is in use')) }
    const { pipeline, during } = startRig({ sink: createMemorySink() }, { sources: [ticking('s', log), broken] })
    await expect(during(pipeline.run({ signal: new AbortController().signal }))).rejects.toThrow('port 80 is in use')
    expect(log).toEqual(['s runs', 's stopped'])
    expect(pipeline.status().state).toBe('closed')
  })

  it('ends when the pipeline is closed from elsewhere', async () => {
    const { pipeline, clock, during } = startRig({ sink: createMemorySink() }, { sources: [ticking('s', [])] })
    const running = pipeline.run({ signal: new AbortController().signal })
    await clock.advance(0)
    await during(Promise.all([pipeline.close(), running]))
    expect(pipeline.status().state).toBe('closed')
  })
})

describe('apply', () => {
  it('keeps what stays, goes on from the place of what changed, begins new ones at the end, and leaves the place of what is gone', async () => {
    const [kept, changed, gone] = ['kept', 'changed', 'gone'].map((name) => ({ sink: createMemorySink({ name, otherwise: down }) }))
    const { write, pipeline, clock, accounts, spool, during } = startRig([kept!, changed!, gone!])
    await write(batch('a', [1, 2]))
    await clock.advance(2_000)
    const replaced = createMemorySink({ name: 'changed' })
    const added = createMemorySink({ name: 'added' })
    const early = createMemorySink({ name: 'early' })
    await during(pipeline.apply({ sinks: [kept!, { sink: replaced }, { sink: added }, { sink: early, start: 'beginning' }] }))
    expect([kept, changed, gone].map((setup) => setup!.sink.closed)).toEqual([false, true, true])
    expect(spool.removed).toEqual([])
    await write(batch('a', [3]))
    await clock.advance(10_000)
    expect(accounts('changed')).toEqual({ in: 3, delivered: 3 })
    expect(accounts('added')).toEqual({ in: 1, delivered: 1 })
    expect(accounts('early')).toEqual({ recovered: 2, in: 1, delivered: 3 })
    expect(accounts('kept')).toEqual({ in: 3, inFlight: 2, spooled: 1 })
    expect(Object.keys(pipeline.accounts().sinks)).toEqual(['kept', 'changed', 'added', 'early'])
  })

  it('starts new sources and stops those that are gone', async () => {
    const log: string[] = []
    const source = (name: string): Source => ({
      name,
      async run(_, { signal }) {
        log.push(`${name} runs`)
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        log.push(`${name} stopped`)
      },
    })
    const [a, b, c] = ['a', 'b', 'c'].map(source)
    const { pipeline, clock, during } = startRig([], { sources: [a!, b!] })
    const controller = new AbortController()
    const running = pipeline.run({ signal: controller.signal })
    await clock.advance(0)
    await pipeline.apply({ sources: [b!, c!] })
    expect(log).toEqual(['a runs', 'b runs', 'a stopped', 'c runs'])
    controller.abort()
    await during(running)
    expect(log.slice(4)).toEqual(['b stopped', 'c stopped'])
  })

  it('opens what can be opened, says what cannot, and opens that the next time', async () => {
    const [kept, added, other] = ['kept', 'added', 'other'].map((name) => ({
      sink: createMemorySink({ name }),
      start: 'beginning' as const,
    }))
    const { write, pipeline, accounts, spool, during } = startRig([kept!])
    await write(batch('a', [1]))
    const cursor = spool.cursor.bind(spool)
    spool.cursor = (options) => (options.name === 'added' ? Promise.reject(new Error('EIO')) : cursor(options))
    const sinks = [kept!, added!, other!]
    await expect(during(pipeline.apply({ sinks }))).rejects.toThrow('EIO')
    await write(batch('a', [2]))
    await expect(during(pipeline.flush())).rejects.toMatchObject({ code: 'unavailable', message: 'sink added could not be opened' })
    spool.cursor = cursor
    await during(pipeline.apply({ sinks }))
    await during(pipeline.flush())
    for (const name of ['added', 'other']) expect(accounts(name)).toMatchObject({ delivered: 2 })
    expect(accounts('kept')).toEqual({ in: 2, delivered: 2 })
    expect(kept!.sink.closed).toBe(false)
    await during(pipeline.close())
  })

  it('does not let a flush that is under way wait for what was replaced, nor pass by its successor', async () => {
    const before = createMemorySink({ otherwise: down })
    const after = createMemorySink()
    const { write, pipeline, during } = startRig({ sink: before })
    await write(batch('a', [1]))
    const flushed = pipeline.flush()
    await during(Promise.all([flushed, pipeline.apply({ sinks: [{ sink: after }] })]))
    expect(valuesOf(after.delivered)).toEqual([1])
  })

  it('does not wait for ever for a sink that does not close; what is new misses nothing meanwhile', async () => {
    const stuck = createMemorySink({ name: 'stuck' })
    stuck.close = () => new Promise(() => {})
    const added = createMemorySink({ name: 'added' })
    const { write, pipeline, clock, accounts, during } = startRig({ sink: stuck })
    await write(batch('a', [1]))
    const applied = pipeline.apply({ sinks: [{ sink: added }] })
    await clock.advance(0)
    await write(batch('a', [2]))
    expect(accounts('added')).toEqual({ in: 1, spooled: 1 })
    // They may have the same destination.
    expect(added.sends).toEqual([])
    await during(applied)
    expect(clock.monotonicMs()).toBe(5_000)
    await during(pipeline.flush())
    expect(valuesOf(added.delivered)).toEqual([2])
    expect(accounts('added')).toEqual({ in: 1, delivered: 1 })
  })

  it('counts for a new sink what comes behind its beginning, and nothing else', async () => {
    const { write, pipeline, accounts, during } = startRig({ sink: createMemorySink({ name: 'other' }) })
    await write(batch('a', [1]))
    const sinks = [{ sink: createMemorySink({ name: 'added' }) }]
    await during(Promise.all([pipeline.apply({ sinks }), write(batch('a', [2]))]))
    await write(batch('a', [3]))
    await during(pipeline.flush())
    const { recovered = 0, in: entered = 0, delivered, ...rest } = accounts('added')
    expect({ left: recovered + entered - (delivered ?? 0), rest }).toEqual({ left: 0, rest: {} })
  })

  it('refuses names that cannot be used, and changes nothing then', async () => {
    const { pipeline, during } = startRig({ sink: createMemorySink() })
    const twice = [{ sink: createMemorySink() }, { sink: createMemorySink() }]
    await expect(pipeline.apply({ sinks: twice })).rejects.toThrow('pipeline "p": sink name "memory" is given twice')
    await during(pipeline.close())
    await expect(pipeline.apply({})).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('on a memory spool', () => {
  it('acknowledges at delivery, at once and not before', async () => {
    const clock = createFakeClock()
    const sink = createMemorySink({ script: [down] })
    const pipeline = createPipeline({ name: 'p', spool: createMemorySpool({ clock }), sinks: [{ sink }], clock, random: () => 0.5 })
    let ack: unknown
    const written = pipeline.write(batch('a', [1, 2])).then((got) => {
      ack = got
    })
    await clock.advance(14)
    expect(ack).toBeUndefined()
    expect(pipeline.accounts()).toMatchObject({ intake: { pending: { samples: 2 } }, balanced: true })
    await clock.advance(1)
    await written
    expect(ack).toEqual({ status: 'delivered' })
    expect(pipeline.accounts()).toMatchObject({ sinks: { memory: { in: { samples: 2 }, delivered: { samples: 2 } } }, balanced: true })
  })

  it('does not wait for a sink that is not required, nor for another tenant that is blocked', async () => {
    const clock = createFakeClock()
    const blockedX = createMemorySink({
      otherwise: ({ batches }) => (batches[0]?.origin.tenant === 'x' ? unauthorized : { status: 'delivered' }),
    })
    const optional = createMemorySink({ name: 'optional', otherwise: down })
    const sinks = [{ sink: blockedX }, { sink: optional, required: false }]
    const pipeline = createPipeline({ name: 'p', spool: createMemorySpool({ clock }), sinks, clock })
    pipeline.write(batch('a', [1], { tenant: 'x' })).catch(() => {})
    await clock.advance(100)
    const written = pipeline.write(batch('a', [1], { tenant: 'y' }))
    await clock.advance(100)
    expect(await written).toEqual({ status: 'delivered' })
  })

  it('rejects at close what was not delivered, and the accounts say so', async () => {
    const clock = createFakeClock()
    const pipeline = createPipeline({
      name: 'p',
      spool: createMemorySpool({ clock }),
      sinks: [{ sink: createMemorySink({ otherwise: down }) }],
      clock,
    })
    const written = pipeline.write(batch('a', [1, 2]))
    written.catch(() => {})
    const closed = pipeline.close({ deadlineMs: 1_000 })
    await clock.advance(1_000)
    await closed
    await expect(written).rejects.toMatchObject({ code: 'closed' })
    expect(pipeline.accounts()).toMatchObject({
      intake: { in: noCounts, refused: { samples: 2 } },
      sinks: { memory: { in: { samples: 2 }, dropped: { closed: { samples: 2 } }, spooled: noCounts, inFlight: noCounts } },
      balanced: true,
    })
  })
})

describe('on a disk spool', () => {
  const folders: string[] = []
  afterEach(async () => {
    for (const dir of folders.splice(0)) await rm(dir, { recursive: true })
  })

  it('goes on after a restart where it stopped, to the sample', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'promline-pipeline-'))
    folders.push(dir)
    const start = (otherwise: SendOutcome) => {
      const sink = createMemorySink({ otherwise })
      return { sink, pipeline: createPipeline({ name: 'p', spool: createDiskSpool({ dir }), sinks: [{ sink }] }) }
    }
    const first = start(down)
    for (const id of range(0, 50))
      await first.pipeline.write(batch(`t${id % 7}`, range(id * 10, id * 10 + 10), { timestampMs: 1_000 + id }))
    await first.pipeline.close({ deadlineMs: 200 })
    expect(first.pipeline.accounts()).toMatchObject({
      sinks: { memory: { in: { samples: 500 }, spooled: { samples: 500 } } },
      balanced: true,
    })

    const second = start({ status: 'delivered' })
    await second.pipeline.write(batch('t0', [500], { timestampMs: 2_000 }))
    await second.pipeline.flush()
    expect(second.pipeline.accounts()).toMatchObject({
      sinks: { memory: { recovered: { samples: 500 }, in: { samples: 1 }, delivered: { samples: 501 }, spooled: noCounts } },
      balanced: true,
    })
    expect(valuesOf(second.sink.delivered).sort((a, b) => a - b)).toEqual(range(0, 501))
    // What was left is the first thing sent.
    expect(valuesOf(second.sink.sends[0]!.batches)).not.toContain(500)
    expect(valuesOf(second.sink.delivered.filter(({ origin }) => origin.id === 't0')).at(-1)).toBe(500)
    await second.pipeline.close()

    const third = start({ status: 'delivered' })
    await third.pipeline.open()
    expect(third.pipeline.accounts().sinks['memory']).toMatchObject({ recovered: noCounts, balanced: true })
    await third.pipeline.close()
  })
})
