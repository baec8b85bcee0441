import { expect, test } from 'vitest'
import { authenticate } from './authenticate.js'
import type { Credential } from './credential.js'
import { Secret } from './secret.js'

const alice: Credential = { kind: 'basic', username: 'alice', password: new Secret('pä:ss') }
const bob: Credential = { kind: 'basic', username: 'bob', password: new Secret('x') }
const agent: Credential = { kind: 'bearer', name: 'agent', token: new Secret('t0ken') }
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

const cases: [header: string | undefined, proven: Credential | undefined][] = [
  [undefined, undefined],
  ['', undefined],
  [basic('alice:pä:ss'), alice],
  [basic('alice:pä:ss').replace('Basic', 'bAsIc'), alice],
  [basic('bob:x'), bob],
  ['Bearer t0ken', agent],
  ['bearer  t0ken ', agent],
  [basic('alice:x'), undefined],
  [basic('alice'), undefined],
  [basic('mallory:x'), undefined],
  ['Bearer T0ken', undefined],
  ['Bearer t0ken x', undefined],
  ['Bearer', undefined],
  ['Token t0ken', undefined],
  ['t0ken', undefined],
  ['Bearer alice:pä:ss', undefined],
  [basic('t0ken'), undefined],
]
test.each(cases)('%j', (header, proven) => {
  expect(authenticate(header, [alice, bob, agent])).toBe(proven)
})

test('nothing is proven where nothing is accepted', () => {
  expect(authenticate('Bearer ', [])).toBeUndefined()
  expect(authenticate('', [{ kind: 'bearer', name: 'empty', token: new Secret('') }])).toBeUndefined()
})
