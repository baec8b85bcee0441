import { describe, expect, it } from 'vitest'
import { checkOutcome } from './check-outcome.js'
import { createFakeClock } from '../testing/fake-clock.js'
import { Attempts } from './attempts.js'
import type { SendOutcome } from './sink.js'

const error = new Error('no')
const counts = { samples: 1, histograms: 0, exemplars: 0 }

/** As a program without types calls it. */
function check(outcome: unknown): unknown {
  return Reflect.apply(checkOutcome, undefined, [outcome, () => 'sink "s", p:'])
}

describe('checkOutcome()', () => {
  it.each<readonly [string, unknown]>([
    ['delivered', { status: 'delivered' }],
    ['delivered but for some', { status: 'delivered', rejected: { counts, reason: 'partial-write', message: 'm', batches: [] } }],
    ['delivered but for some, with kinds left out', { status: 'delivered', rejected: { counts: {}, reason: 'r', message: 'm' } }],
    ['retryable', { status: 'retryable', error, retryAfterMs: 5, blocked: 'why', reencode: true }],
    ['retryable with an error of another realm', { status: 'retryable', error: { message: 'm' } }],
    ['rejected', { status: 'rejected', error, cause: 'too-large', divisible: false }],
  ])('gives back what is %s', (_, outcome) => {
    expect(check(outcome)).toBe(outcome)
  })

  it.each<readonly [unknown, string]>([
    [undefined, 'answered undefined, and not an outcome'],
    [null, 'answered null, and not an outcome'],
    [5, 'answered 5, and not an outcome'],
    ['delivered', 'answered "delivered", and not an outcome'],
    [Symbol('x'), 'answered Symbol(x), and not an outcome'],
    [() => ({}), 'answered a function, and not an outcome'],
    [{}, 'answered with the status undefined, and not delivered, retryable or rejected'],
    [[], 'answered with the status undefined, and not delivered, retryable or rejected'],
    [{ status: 'ok' }, 'answered with the status "ok", and not delivered, retryable or rejected'],
    [{ status: 'x'.repeat(200) }, `answered with the status "${'x'.repeat(100)}...", and not delivered, retryable or rejected`],
    [{ status: 'retryable' }, 'answered "retryable" where error is undefined'],
    [{ status: 'retryable', error: 'text' }, 'answered "retryable" where error is "text"'],
    [{ status: 'retryable', error, blocked: true }, 'answered "retryable" where blocked is true'],
    [{ status: 'rejected', cause: 'invalid', divisible: true }, 'answered "rejected" where error is undefined'],
    [
      { status: 'rejected', error, cause: 'odd', divisible: true },
      'answered "rejected" where cause is "odd", and not too-large or invalid',
    ],
    [{ status: 'delivered', rejected: null }, 'answered "delivered" where rejected is null'],
    [{ status: 'delivered', rejected: { reason: 'r', message: 'm' } }, 'answered "delivered" where rejected.counts is undefined'],
    [{ status: 'delivered', rejected: { counts, batches: 5 } }, 'answered "delivered" where rejected.batches is 5'],
    [{ status: 'delivered', rejected: { counts, batches: {} } }, 'answered "delivered" where rejected.batches is an object'],
  ])('takes %s for retryable', (outcome, fault) => {
    expect(check(outcome)).toMatchObject({ status: 'retryable', error: { code: 'contract', message: `sink "s", p: ${fault}` } })
  })

  it('takes what throws when it is looked at for retryable', () => {
    const hidden = {
      get status() {
        throw new Error('hidden')
      },
    }
    expect(check(hidden)).toMatchObject({ status: 'retryable', error: { message: 'sink "s", p: answered what cannot be read: hidden' } })
  })

  it('is asked about every attempt', async () => {
    const attempts = new Attempts({ who: 'sink "s"', clock: createFakeClock(), timeoutMs: 1_000, stop: new AbortController().signal })
    const nothing: Promise<SendOutcome> = JSON.parse('null')
    expect(await attempts.make(() => nothing, 'p')).toMatchObject({
      status: 'retryable',
      error: { message: 'sink "s", p: answered null, and not an outcome' },
    })
  })
})
