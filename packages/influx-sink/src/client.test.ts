import { PromlineError } from '@promline/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classifyAnswer, classifyError } from './client.js'

const written = { database: 'mydb', counts: { samples: 100, histograms: 0, exemplars: 0 }, nowMs: Date.UTC(2026, 0, 1) }
const v1 = (error: string): string => JSON.stringify({ error })
const v2 = (code: string, message: string): string => JSON.stringify({ code, message })
const rejected = (samples: number) => ({
  status: 'delivered',
  rejected: { counts: { samples, histograms: 0, exemplars: 0 }, reason: 'partial-write' },
})

const conflict =
  'partial write: field type conflict: input field "f" on measurement "m" is type string, already exists as type integer dropped=1'

describe('classifyAnswer()', () => {
  // Measured: InfluxDB 1.8.3, 2.7.12.
  it.each([
    ['stored', 204, '', { status: 'delivered' }],
    ['stored, behind a proxy', 200, '', { status: 'delivered' }],
    ['stored, by a lookalike', 201, '', { status: 'delivered' }],
    ['1.x: conflict among good lines', 400, v1(conflict), rejected(1)],
    [
      '1.13: with the database named',
      400,
      v1(conflict.replace(' dropped=1', ' for database: d for retention policy: autogen dropped=3')),
      rejected(3),
    ],
    ['2.x: conflict among good lines', 422, v2('unprocessable entity', `failure writing points to database: ${conflict}`), rejected(1)],
    [
      '1.x: a line that does not parse among good ones',
      400,
      v1("partial write: unable to parse 'badline': missing fields dropped=0"),
      rejected(1),
    ],
    [
      '1.x: two of them',
      400,
      v1("partial write: unable to parse 'a': missing fields\nunable to parse 'b': missing fields dropped=0"),
      rejected(2),
    ],
    ['1.x: old points', 400, v1('partial write: points beyond retention policy dropped=7'), rejected(7)],
    ['more than was written, by its own words', 400, v1('partial write: max-values-per-tag limit exceeded dropped=999'), rejected(100)],
    [
      '3: a list of lines',
      400,
      JSON.stringify({ error: 'partial write of line protocol occurred', data: [{ line_number: 2 }, { line_number: 5 }] }),
      rejected(2),
    ],
    [
      '3: with its reason',
      400,
      JSON.stringify({
        error: 'partial write of line protocol occurred',
        data: [{ line_number: 2, error_message: 'invalid column type' }],
      }),
      { rejected: { message: 'InfluxDB database mydb: 400: partial write of line protocol occurred: line 2: invalid column type' } },
    ],
    [
      '3: nothing parses',
      400,
      JSON.stringify({ error: 'parsing failed for write_lp endpoint', data: { line_number: 1, error_message: 'no fields' } }),
      {
        status: 'rejected',
        error: { message: 'InfluxDB database mydb: 400: parsing failed for write_lp endpoint: line 1: no fields' },
      },
    ],
    [
      '1.x: no line parses',
      400,
      v1("unable to parse 'badline': missing fields"),
      { status: 'rejected', cause: 'invalid', divisible: true },
    ],
    [
      '2.x: one line does not parse',
      400,
      v2('invalid', "unable to parse 'badline': missing fields"),
      { status: 'rejected', cause: 'invalid', divisible: true },
    ],
    ['2.x: nothing stored', 422, v2('unprocessable entity', 'no'), { status: 'rejected', cause: 'invalid', divisible: true }],
    ['too large', 413, 'Request Entity Too Large', { status: 'rejected', cause: 'too-large', divisible: true }],
    [
      'no credentials',
      401,
      v2('unauthorized', 'unauthorized access'),
      { status: 'retryable', blocked: 'InfluxDB refused the credentials' },
    ],
    [
      'no right',
      403,
      v2('forbidden', 'insufficient permissions'),
      { status: 'retryable', blocked: 'no right to write to the database mydb' },
    ],
    [
      '1.x: no database',
      404,
      v1('database not found: "mydb"'),
      { status: 'retryable', blocked: "the database mydb does not exist, or the URL is not InfluxDB's: create it or correct the URL" },
    ],
    ['a redirect', 302, '', { status: 'retryable', blocked: 'the URL answers with a redirect' }],
    [
      '1.x: no retention policy, as a server error',
      500,
      v1('retention policy not found: nope'),
      { status: 'retryable', blocked: 'InfluxDB database mydb: 500: retention policy not found: nope' },
    ],
  ])('%s', (...[, status, body, expected]) => {
    expect(classifyAnswer({ status, body }, written)).toMatchObject(expected)
  })

  it('takes no page for people for the answer to a write', () => {
    const outcome = classifyAnswer({ status: 200, body: '', contentType: 'text/html; charset=utf-8' }, written)
    expect(outcome).toMatchObject({ status: 'retryable', blocked: "the URL answers with a page: it is not InfluxDB's" })
    expect(classifyAnswer({ status: 200, body: '', contentType: 'application/json' }, written)).toEqual({ status: 'delivered' })
  })

  it.each([408, 425, 429, 500, 502, 503, 504, 599])('%i passes by itself', (status) => {
    const outcome = classifyAnswer({ status, body: v1('busy') }, written)
    expect(outcome).toMatchObject({ status: 'retryable', error: { code: 'status', message: `InfluxDB database mydb: ${status}: busy` } })
    expect(Object.keys(outcome)).toEqual(['status', 'error'])
  })

  it.each([
    ['2', 2000],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
    ['86400', 300_000],
    ['soon', undefined],
  ])('Retry-After: %s is %s ms', (retryAfter, expected) => {
    const outcome = classifyAnswer({ status: 503, body: '', retryAfter }, written)
    expect(outcome.status === 'retryable' && outcome.retryAfterMs).toBe(expected)
  })

  it('makes something of whatever is answered, and never rejects more than was written', () => {
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom('partial write', 'partial write dropped=99999999999999999999', '{"error":1}', '[]', 'null'),
    )
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), bodies, (status, body) => {
        const outcome = classifyAnswer({ status, body }, written)
        if (outcome.status !== 'delivered') expect(outcome.error.message).toContain(String(status))
        else expect(outcome.rejected?.counts.samples ?? 1).toSatisfy((samples: number) => samples >= 1 && samples <= 100)
      }),
    )
  })

  it('keeps 256 characters of what the server says', () => {
    const outcome = classifyAnswer({ status: 400, body: v1(`partial write: unable to parse '${'x'.repeat(1000)}': no dropped=0`) }, written)
    const message = outcome.status === 'delivered' ? (outcome.rejected?.message ?? '') : ''
    expect(message).toBe(`InfluxDB database mydb: 400: partial write: unable to parse '${'x'.repeat(224)}...`)
  })
})

describe('classifyError()', () => {
  it('retries where there was no answer; a refused certificate needs a person', () => {
    const away = new PromlineError('connect', 'http://h/write: connection refused')
    expect(classifyError(away)).toEqual({ status: 'retryable', error: away })
    const tls = new PromlineError('tls', 'https://h/write: the certificate has expired')
    expect(classifyError(tls)).toEqual({ status: 'retryable', error: tls, blocked: tls.message })
    expect(classifyError('oops')).toMatchObject({ status: 'retryable', error: { message: 'oops' } })
  })
})
