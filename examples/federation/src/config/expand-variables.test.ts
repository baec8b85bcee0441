// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the syntax under test
import { describe, expect, it } from 'vitest'
import { expandVariables } from './expand-variables.js'

const variables = { POD_INDEX: '2', EMPTY: '', URL: 'http://a:1/$1' }

describe('expandVariables()', () => {
  it.each([
    ['shard: ${POD_INDEX}', 'shard: 2'],
    ['a${POD_INDEX}b${POD_INDEX}', 'a2b2'],
    ['${POD_INDEX:-0}', '2'],
    ['${NOWHERE:-0}', '0'],
    ['${NOWHERE:-}', ''],
    ['${EMPTY:-x:-y}', 'x:-y'],
    ['$${POD_INDEX}', '${POD_INDEX}'],
    ['url: ${URL}', 'url: http://a:1/$1'],
    ["replacement: '$1-${2}'", "replacement: '$1-${2}'"],
    ['$POD_INDEX $ {} ${}', '$POD_INDEX $ {} ${}'],
    ['  # ${NOWHERE}\nb: 1\n', '  # ${NOWHERE}\nb: 1\n'],
  ])('%s', (text, expected) => {
    expect(expandVariables(text, { file: 'a.yml', variables })).toBe(expected)
  })

  it.each([
    ['a: ${NOWHERE}', 'a.yml:1: the environment variable NOWHERE is not set'],
    ['a: 1\nb: ${POD_INDEX}\nc: ${toString}', 'a.yml:3: the environment variable toString is not set'],
    ['a: ${EMPTY}', 'a.yml:1: the environment variable EMPTY is not set'],
  ])('refuses %s', (text, message) => {
    expect(() => expandVariables(text, { file: 'a.yml', variables })).toThrow(message)
  })
})
