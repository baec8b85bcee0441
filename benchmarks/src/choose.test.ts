import { expect, test } from 'vitest'
import { choose } from './choose.js'

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
])('%s: the subjects that match, and always what they are compared with', (pattern, expected) => {
  const chosen = choose(all, pattern).map(({ name, subjects }) => `${name}: ${subjects.map((one) => one.name).join(' ')}`)
  expect(chosen).toEqual(expected)
})
