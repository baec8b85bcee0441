import { expect, test } from 'vitest'
import { isPromlineError } from '../model/errors.js'
import type { HttpClientOptions } from './client-options.js'
import { Secret } from './secret.js'
import { validateHttpClientOptions } from './validate-client-options.js'

const canary = { value: new Secret('canary') }

const valid: HttpClientOptions[] = [
  {},
  { basicAuth: { username: '', password: canary } },
  { authorization: { type: 'Token', credentials: { file: '/run/secret' } } },
  { headers: { 'X-Scope-OrgID': 'a', 'X-Key': new Secret('b') } },
  { connectTimeoutMs: 1 },
  { tls: { caFile: 'ca', cert: 'c', keyFile: 'k', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } },
]
test.each(valid)('takes %j', (options) => {
  expect(() => validateHttpClientOptions(options)).not.toThrow()
})

const invalid: [message: string, option: string, options: HttpClientOptions][] = [
  [
    'basicAuth and authorization exclude each other',
    'authorization',
    { basicAuth: { username: 'a', password: canary }, authorization: { credentials: canary } },
  ],
  ['a username must not contain ":"', 'basicAuth', { basicAuth: { username: 'a:b', password: canary } }],
  ['authorization type "a b" is not a token', 'authorization', { authorization: { type: 'a b', credentials: canary } }],
  ['authorization type "Basic" is what basicAuth is for', 'authorization', { authorization: { type: 'Basic', credentials: canary } }],
  ['header name "a b" is not a token', 'headers', { headers: { 'a b': 'x' } }],
  ['header "Authorization" is reserved', 'headers', { headers: { Authorization: 'canary' } }],
  ['header "Content-Length" is reserved', 'headers', { headers: { 'Content-Length': '1' } }],
  ['header "X-A" has a value with control characters', 'headers', { headers: { 'X-A': new Secret('canary\r\nb: c') } }],
  ['connectTimeoutMs must be a whole number, 1 to 2147483647, not 0', 'connectTimeoutMs', { connectTimeoutMs: 0 }],
  ['connectTimeoutMs must be a whole number, 1 to 2147483647, not 0.5', 'connectTimeoutMs', { connectTimeoutMs: 0.5 }],
  ['ca and caFile exclude each other', 'tls', { tls: { ca: 'x', caFile: 'y' } }],
  ['key and keyFile exclude each other', 'tls', { tls: { cert: 'c', key: new Secret('canary'), keyFile: 'y' } }],
  ['a client certificate needs its key', 'tls', { tls: { certFile: 'x' } }],
  ['a client key needs its certificate', 'tls', { tls: { key: new Secret('canary') } }],
  ['minVersion TLSv1.3 is above maxVersion TLSv1.2', 'tls', { tls: { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.2' } }],
]
test.each(invalid)('%s', (message, option, options) => {
  try {
    validateHttpClientOptions(options)
    expect.unreachable()
  } catch (error) {
    expect(isPromlineError(error, 'options')).toBe(true)
    expect(error).toMatchObject({ message, facts: { option } })
  }
})
