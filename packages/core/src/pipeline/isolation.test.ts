import { beforeEach, describe, expect, it } from 'vitest'
import { laneOf } from '../delivery/lane-of.js'
import type { SendOutcome } from '../delivery/sink.js'
import type { Origin } from '../model/batch.js'
import { createFakeClock, type FakeClock } from '../testing/fake-clock.js'
import { createMemorySink, type MemoryAnswer } from '../testing/memory-sink.js'
import { batch, range, startRig, valuesOf } from './testdata/rig.js'

const delivered: SendOutcome = { status: 'delivered' }
let clock: FakeClock
beforeEach(() => {
  clock = createFakeClock()
})

/** Destinations that do what they should not, by name. */
const troubles: readonly [name: string, answer: MemoryAnswer][] = [
  ['slow', () => new Promise((resolve) => clock.schedule(20_000, () => resolve(delivered)))],
  ['hanging, and deaf to its signal', () => new Promise(() => {})],
  ['dead', { status: 'retryable', error: new Error('connect ECONNREFUSED') }],
  ['overloaded', { status: 'retryable', error: new Error('429'), retryAfterMs: 300_000 }],
  ['forbidden', { status: 'retryable', error: new Error('403'), blocked: 'forbidden (403)' }],
  ['never prepared anew', { status: 'retryable', error: new Error('415'), reencode: true }],
  ['refusing everything', { status: 'rejected', error: new Error('400'), cause: 'invalid', divisible: true }],
  ['calling everything too large', { status: 'rejected', error: new Error('413'), cause: 'too-large', divisible: true }],
  [
    'throwing',
    () => {
      throw new TypeError('undefined is not a function')
    },
  ],
]

/** Two batches of 16 bytes in each lane: what is held is not what isolates. */
const delivery = { lanes: 8, maxHeldBytes: 8 * 32, batchSendDeadlineMs: 0, maxInFlight: 8 }
const ids = range(0, 8).map((lane) => `t${range(0, 1_000).find((i) => laneOf({ kind: 'target', id: `t${i}` }, 8) === lane)!}`)

describe('a destination that is in trouble', () => {
  it.each(troubles)('%s, does not hold up another sink, nor make it send anything twice', async (_, answer) => {
    const ill = createMemorySink({ name: 'ill', otherwise: answer })
    const well = createMemorySink({ name: 'well' })
    const sinks = [
      { sink: ill, delivery },
      { sink: well, delivery },
    ]
    const { write, accounts } = startRig(sinks, { fakeClock: clock })
    for (const i of range(0, 40)) {
      await write(batch(ids[i % 8]!, [i], { timestampMs: i }))
      await clock.advance(1)
    }
    expect(accounts('well')).toEqual({ in: 40, delivered: 40 })
    await clock.advance(120_000)
    expect(well.sends).toHaveLength(40)
    expect(accounts('ill')['in']).toBe(40)
  })

  const shared: readonly [what: string, ill: Partial<Origin> & { id: string }, well: Partial<Origin> & { id: string }][] = [
    ['another tenant', { id: 'a', tenant: 'x' }, { id: 'a', tenant: tenantBeside('x') }],
    ['another lane', { id: ids[3]! }, { id: ids[5]! }],
  ]
  const within = troubles.filter(([name]) => !['overloaded', 'forbidden', 'never prepared anew'].includes(name))
  for (const [what, illOrigin, wellOrigin] of shared) {
    const isIll = ({ id, tenant }: Origin): boolean => id === illOrigin.id && tenant === illOrigin.tenant
    it.each(what === 'another tenant' ? troubles.filter(([name]) => name !== 'never prepared anew') : within)(
      `%s, does not hold up ${what} of the same sink for more than a second, nor make it send anything twice`,
      async (_, answer) => {
        const sink = createMemorySink({
          otherwise: (send) => {
            if (!isIll(send.batches[0]!.origin)) return delivered
            return typeof answer === 'function' ? answer(send) : answer
          },
        })
        const { write } = startRig({ sink, delivery }, { fakeClock: clock })
        for (const i of range(0, 40)) {
          const [ill, well] = [illOrigin, wellOrigin].map(({ id, ...origin }) => batch(id, [i], { ...origin, timestampMs: i }))
          await write(ill!)
          await write(well!)
          await clock.advance(1)
        }
        await clock.advance(1_000)
        const others = (): number[] => valuesOf(sink.sends.flatMap(({ batches }) => batches.filter(({ origin }) => !isIll(origin))))
        expect(others()).toEqual(range(0, 40))
        await clock.advance(120_000)
        expect(others()).toEqual(range(0, 40))
      },
    )
  }
})

/** A tenant in another lane. */
function tenantBeside(tenant: string): string {
  const lane = (one: string): number => laneOf({ kind: 'client', id: '', tenant: one }, 8)
  return ['y', 'z', 'w', 'v'].find((one) => lane(one) !== lane(tenant))!
}
