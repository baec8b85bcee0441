import { hashSync } from 'bcryptjs'
import { expect, test } from 'vitest'
import { compareBcrypt } from './bcrypt-thread.js'

const secret = hashSync('secret', 4)
const cases: [name: string, hash: string, password: string, matches: boolean][] = [
  ['$2b$', secret, 'secret', true],
  ['$2y$, of htpasswd', secret.replace(/^\$2b/, '$2y'), 'secret', true],
  ['$2a$', secret.replace(/^\$2b/, '$2a'), 'secret', true],
  ['another password', secret, 'Secret', false],
  ['no password', secret, '', false],
  // from the documentation of exporter-toolkit
  ["Go's", '$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay', 'test', true],
]
test.each(cases)('%s', async (...[, hash, password, matches]) => {
  expect(await compareBcrypt(password, hash)).toBe(matches)
})

test('the event loop turns meanwhile', async () => {
  const cost10 = secret.replace(/^\$2b\$04/, '$2b$10')
  let turns = 0
  let over = false
  const outcome = compareBcrypt('x', cost10).finally(() => {
    over = true
  })
  for (; !over; turns++) await new Promise((resolve) => setImmediate(resolve))
  expect(await outcome).toBe(false)
  // In this thread there would be one turn, and a handful with bcryptjs' own asynchronous form.
  expect(turns).toBeGreaterThan(50)
})
