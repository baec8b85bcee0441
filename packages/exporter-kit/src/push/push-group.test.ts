import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeGroupPath } from './fake-pushgateway.test.helper.js'
import { groupPath, type PushGroup } from './push-group.js'

const values: readonly (readonly [value: string, path: string])[] = [
  ['airflow', '/airflow'],
  ['a b', '/a%20b'],
  ['a+b', '/a%2Bb'],
  ['a%2Fb', '/a%252Fb'],
  ['a\\b', '/a%5Cb'],
  ['a?b#c', '/a%3Fb%23c'],
  ['ü€', '/%C3%BC%E2%82%AC'],
  ['𝄞', '/%F0%9D%84%9E'],
  ['\n', '/%0A'],
  ['\0', '/%00'],
  ['...', '/...'],
  ['.hidden', '/.hidden'],
  ['=', '/%3D'],
  ['@base64', '/%40base64'],
  ['/var/tmp', '@base64/L3Zhci90bXA'],
  ['/', '@base64/Lw'],
  ['a/..', '@base64/YS8uLg'],
  ['.', '@base64/Lg'],
  ['..', '@base64/Li4'],
  ['???/>>>', '@base64/Pz8_Lz4-Pg'],
]

describe('groupPath()', () => {
  test('is the job alone without a grouping', () => {
    expect(groupPath({ job: 'data_processing' })).toBe('/job/data_processing')
  })

  test('has the labels in the order in which they are given', () => {
    expect(groupPath({ job: 'j', grouping: { instance: 'airflow', zone: 'eu', a: '1' } })).toBe('/job/j/instance/airflow/zone/eu/a/1')
  })

  test.each(values)('encodes %j', (value, path) => {
    expect(groupPath({ job: value })).toBe(`/job${path}`)
    expect(groupPath({ job: 'j', grouping: { instance: value } })).toBe(`/job/j/instance${path}`)
  })

  test('encodes an empty value of a label', () => {
    expect(groupPath({ job: 'j', grouping: { instance: '' } })).toBe('/job/j/instance@base64/=')
  })

  const notText: string = JSON.parse('3')
  test.each<[PushGroup, string]>([
    [{ job: '' }, 'push: the job must not be empty'],
    [{ job: '\ud800' }, 'push: the value of the grouping label "job" holds half of a surrogate pair, which has no UTF-8 form'],
    [{ job: 'j', grouping: { job: 'k' } }, 'push: the grouping label "job" is what the job is for'],
    [{ job: 'j', grouping: { '': 'x' } }, 'push: the grouping label "" is not [a-zA-Z_][a-zA-Z0-9_]*'],
    [{ job: 'j', grouping: { 'a-b': 'x' } }, 'push: the grouping label "a-b" is not [a-zA-Z_][a-zA-Z0-9_]*'],
    [{ job: 'j', grouping: { ü: 'x' } }, 'push: the grouping label "ü" is not [a-zA-Z_][a-zA-Z0-9_]*'],
    [{ job: 'j', grouping: { 'a@base64': 'x' } }, 'push: the grouping label "a@base64" is not [a-zA-Z_][a-zA-Z0-9_]*'],
    [{ job: 'j', grouping: { __x: 'x' } }, 'push: the grouping label "__x" begins with "__", which is reserved'],
    [
      { job: 'j', grouping: { a: '\udc00b' } },
      'push: the value of the grouping label "a" holds half of a surrogate pair, which has no UTF-8 form',
    ],
    [{ job: 'j', grouping: { shard: notText } }, 'push: the value of the grouping label "shard" is of type number, not a string'],
    [{ job: notText }, 'push: the value of the grouping label "job" is of type number, not a string'],
  ])('refuses %j', (group, message) => {
    expect(() => groupPath(group)).toThrow(expect.objectContaining({ code: 'options', message }))
  })

  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('/', '.', '%', '=', '@', ' ', 'é', '+') }))
  const name = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]*$/).filter((label) => label !== 'job')

  test('any value of Unicode comes out of the path as a Pushgateway reads it, and no proxy has a reason to change the path', () => {
    fc.assert(
      fc.property(
        text.filter((job) => job !== ''),
        fc.dictionary(name, text, { noNullPrototype: true }),
        (job, grouping) => {
          const path = `/metrics${groupPath({ job, grouping })}`
          expect(new URL(path, 'http://pushgateway').pathname).toBe(path)
          expect(decodeGroupPath(path)).toEqual({ ...grouping, job })
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
