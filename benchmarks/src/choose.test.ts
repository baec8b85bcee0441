import { expect, test } from 'vitest'
import { choose } from './choose.js'
import { fullName } from './harness/comparison.js'

const subject = (name: string) => ({ name })
const all = [
  { name: 'parse/ksm', subjects: [subject('peer'), subject('cold'), subject('warm')] as const },
  { name: 'encode/ksm', subjects: [subject('peer'), subject('sink')] as const },
]

test.each([
  [/./, ['parse/ksm: peer cold warm', 'encode/ksm: peer sink']],
  [/^parse/, ['parse/ksm: peer cold warm']],
  [/parse\/ksm\/warm/, ['parse/ksm: peer warm']],
  [/sink$/, ['encode/ksm: peer sink']],
  [/peer/, ['parse/ksm: peer', 'encode/ksm: peer']],
  [/nothing/, []],
])('%s: the subjects that are wanted, and always what they are compared with', (pattern, expected) => {
  const isWanted = (comparison: { name: string }, one: { name: string }): boolean => pattern.test(fullName(comparison, one))
  const chosen = choose(all, isWanted).map(({ name, subjects }) => `${name}: ${subjects.map((one) => one.name).join(' ')}`)
  expect(chosen).toEqual(expected)
})
