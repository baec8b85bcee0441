import { expect, it } from 'vitest'
import { undeliveredLine } from './replay-text.js'

const error = new Error('no room')

it.each([
  [{ deliveredUpTo: 0, refused: false }, true, 'interrupted: no batch was delivered'],
  [{ deliveredUpTo: 7, refused: false, failure: { seq: 8, error } }, true, 'interrupted: everything up to batch 7 was delivered'],
  [
    { deliveredUpTo: 7, refused: false, failure: { seq: 8, error } },
    false,
    'batch 8 was not delivered (no room): everything up to batch 7 was delivered',
  ],
  [{ deliveredUpTo: 7, refused: false, failure: { error } }, false, 'cannot read on (no room): everything up to batch 7 was delivered'],
  [
    { deliveredUpTo: 7, refused: true },
    false,
    'not everything was delivered: everything up to batch 7 was delivered, but for what was refused',
  ],
  [
    { deliveredUpTo: 7, refused: true, failure: { seq: 8, error } },
    false,
    'batch 8 was not delivered (no room): everything up to batch 7 was delivered, but for what was refused',
  ],
])('says of %j, interrupted %j, why not all was delivered, and how far it is', (result, interrupted, line) => {
  expect(undeliveredLine(result, { interrupted })).toBe(line)
})
