import { expect, test } from 'vitest'
import { createAuthorizationReader, secretReader } from './authorization.js'
import type { HttpClientOptions } from './client-options.js'
import { Secret } from './secret.js'

/** What a program without types may give. */
function unknownFields(fields: object): object {
  return fields
}

const wrong: readonly { readonly password: unknown }[] = ['plain', { value: 'plain' }, {}, null].map((password) => ({ password }))

test.each(wrong)('a secret as $password is refused where it is given', (given) => {
  const message = 'a secret must be given as { value: new Secret(...) } or { file }'
  const options: HttpClientOptions = {
    basicAuth: Object.assign({ username: 'u', password: { file: '' } }, unknownFields(given)),
  }
  expect(() => createAuthorizationReader(options)).toThrow(expect.objectContaining({ code: 'options', message }))
})

test('a secret in place is read as it is', async () => {
  expect(await secretReader({ value: new Secret(' s ') })()).toBe(' s ')
})
