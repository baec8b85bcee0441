import { describe, expect, it } from 'vitest'
import { assertBodyLimit, type DeliveryContext, type DeliveryOptions, validateDeliveryOptions } from './delivery-options.js'

const defaults = {
  lanes: 8,
  maxSamplesPerSend: 2_000,
  batchSendDeadlineMs: 1_000,
  maxInFlight: 8,
  minBackoffMs: 30,
  maxBackoffMs: 5_000,
  blockedProbeMs: 30_000,
  sendTimeoutMs: 30_000,
  sampleAgeLimitMs: 0,
  maxHeldBytes: 32 * 1024 * 1024,
}

describe('validateDeliveryOptions()', () => {
  const cases: readonly (readonly [string, DeliveryOptions, Partial<DeliveryContext>, Partial<typeof defaults>])[] = [
    ['the defaults', {}, {}, {}],
    ['as many in flight as lanes', { lanes: 3 }, {}, { lanes: 3, maxInFlight: 3 }],
    ["the sink's own limit", {}, { maxInFlight: 1 }, { maxInFlight: 1 }],
    ["no more than the sink's own limit", { maxInFlight: 50 }, { maxInFlight: 4 }, { maxInFlight: 4 }],
    ['more in flight than lanes', { maxInFlight: 50 }, {}, { maxInFlight: 50 }],
    ['what the sink wants joined', {}, { maxSamplesPerSend: 10_000 }, { maxSamplesPerSend: 10_000 }],
    ['what is asked for before what the sink wants', { maxSamplesPerSend: 50 }, { maxSamplesPerSend: 10_000 }, { maxSamplesPerSend: 50 }],
    ['no waiting on a memory spool', {}, { memorySpool: true }, { batchSendDeadlineMs: 0 }],
    ['waiting on a memory spool where asked to', { batchSendDeadlineMs: 5 }, { memorySpool: true }, { batchSendDeadlineMs: 5 }],
    ['a first back-off above the usual cap', { minBackoffMs: 9_000 }, {}, { minBackoffMs: 9_000, maxBackoffMs: 9_000 }],
  ]
  it.each(cases)('gives %s', (_, options, context, expected) => {
    expect(validateDeliveryOptions(options, { sink: 's', ...context })).toEqual({ ...defaults, ...expected })
  })

  const refused: readonly (readonly [DeliveryOptions, string])[] = [
    [{ lanes: 0 }, 'sink "s": lanes must be a whole number, 1 to 1024, not 0'],
    [{ lanes: 1.5 }, 'sink "s": lanes must be a whole number, 1 to 1024, not 1.5'],
    [{ maxSamplesPerSend: 0 }, 'sink "s": maxSamplesPerSend must be a whole number, at least 1, not 0'],
    [{ maxInFlight: 0 }, 'sink "s": maxInFlight must be a whole number, at least 1, not 0'],
    [{ minBackoffMs: 10, maxBackoffMs: 5 }, 'sink "s": maxBackoffMs must be a whole number, 10 to 2147483647, not 5'],
    [{ sendTimeoutMs: Number.NaN }, 'sink "s": sendTimeoutMs must be a whole number, 1 to 2147483647, not NaN'],
    [{ batchSendDeadlineMs: -1 }, 'sink "s": batchSendDeadlineMs must be a whole number, 0 to 2147483647, not -1'],
    [{ sampleAgeLimitMs: -1 }, 'sink "s": sampleAgeLimitMs must be a whole number, at least 0, not -1'],
  ]
  it.each(refused)('refuses %j', (options, message) => {
    expect(() => validateDeliveryOptions(options, { sink: 's' })).toThrow(expect.objectContaining({ code: 'options', message }))
  })
})

describe('assertBodyLimit()', () => {
  it.each([undefined, 1, 1_000_000])('takes %s', (maxBodyBytes) => {
    expect(() => assertBodyLimit({ name: 's', ...(maxBodyBytes !== undefined && { maxBodyBytes }) })).not.toThrow()
  })

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '1000', null])('refuses %s', (value) => {
    const sink = Object.assign({ name: 's', maxBodyBytes: 1 }, { maxBodyBytes: value })
    const message = `sink "s": maxBodyBytes must be a whole number, at least 1, not ${value === '1000' ? '"1000"' : value}`
    expect(() => Reflect.apply(assertBodyLimit, undefined, [sink])).toThrow(expect.objectContaining({ code: 'options', message }))
  })
})
