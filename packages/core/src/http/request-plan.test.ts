import { describe, expect, test } from 'vitest'
import type { HttpClientOptions, HttpRequest } from './client-options.js'
import { RequestHeaders } from './request-headers.js'
import { RequestPlans } from './request-plan.js'
import { Secret } from './secret.js'

const plansOf = (options: HttpClientOptions = {}): RequestPlans => new RequestPlans(new RequestHeaders({ ...options, userAgent: 'test/1' }))

const get = (more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: 'http://a:1/x',
  timeoutMs: 1,
  maxBodyBytes: 1,
  ...more,
})

describe('the same object of headers', () => {
  const headers = { accept: 'text/plain' }
  const wire = { method: 'GET', trusted: true, body: undefined, headers: { 'user-agent': 'test/1', 'accept-encoding': 'gzip', ...headers } }

  test('is read once', () => {
    const plans = plansOf()
    const first = plans.of(get({ headers }))
    expect(first.wire).toMatchObject(wire)
    expect(first.wire?.url.href).toBe('http://a:1/x')
    expect(plans.of(get({ headers }))).toBe(first)
  })

  test.each<[string, Partial<HttpRequest>]>([
    ['another URL', { url: 'http://b:1/y' }],
    ['another method', { method: 'DELETE' }],
  ])('for %s is read again', (_, change) => {
    const plans = plansOf()
    const first = plans.of(get({ headers }))
    const second = plans.of(get({ headers, ...change }))
    expect(second).not.toBe(first)
    expect(second.wire?.url.href).toBe(change.url ?? 'http://a:1/x')
    expect(second.wire?.method).toBe(change.method ?? 'GET')
  })

  test('with a body keeps its URL only', () => {
    const plans = plansOf()
    const first = plans.of(get({ headers }))
    expect(plans.of(get({ headers, body: new Uint8Array(1) }))).toEqual({ hop: first.hop, wire: undefined })
    expect(plans.of(get({ headers, body: new Uint8Array(1) })).hop).toBe(first.hop)
  })

  test('has the credentials of its URL', () => {
    expect(plansOf().of(get({ headers, url: 'http://u:p@a:1/x' })).wire?.headers).toEqual({ ...wire.headers, authorization: 'Basic dTpw' })
  })
})

describe('nothing is kept', () => {
  test.each<[string, HttpClientOptions]>([
    ['of configured headers', { headers: { 'x-scope-orgid': 'a' } }],
    ['of basic credentials', { basicAuth: { username: 'u', password: { value: new Secret('p') } } }],
    ['of a token', { authorization: { credentials: { value: new Secret('t') } } }],
  ])('%s', (_, options) => {
    expect(plansOf(options).of(get({ headers: { accept: '*/*' } })).wire).toBeUndefined()
  })

  test('where a request has no headers', () => {
    expect(plansOf().of(get()).wire).toBeUndefined()
  })
})

test.each([
  [get({ url: 'ftp://a', headers: {} }), 'the URL is not an absolute http or https URL'],
  [get({ url: 'ftp://a' }), 'the URL is not an absolute http or https URL'],
  [get({ headers: { 'a b': '' } }), 'header name "a b" is not a token'],
  [get({ headers: { host: 'a\r\nb' } }), 'header "host" has a value with characters that a header cannot carry'],
])('fails for what cannot be sent', (request, message) => {
  const plans = plansOf()
  expect(() => plans.of(request)).toThrow(message)
  expect(() => plans.of(request)).toThrow(message)
})
