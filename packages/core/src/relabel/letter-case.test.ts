import { describe, expect, it } from 'vitest'
import { toLowerCase, toUpperCase } from './letter-case.js'

/** Expected values are Go's. */
describe('letter case', () => {
  it.each([
    ['FOO_bar', 'foo_bar'],
    ['ÄÖÜ', 'äöü'],
    ['ΑΣ', 'ασ'],
    ['İ', 'i'],
    ['ẞ', 'ß'],
    ['𐐀', '𐐨'],
  ])('lowers %j to %j', (text, lower) => {
    expect(toLowerCase(text)).toBe(lower)
  })

  it.each([
    ['foo_BAR', 'FOO_BAR'],
    ['straße', 'STRAßE'],
    ['ŉ', 'ŉ'],
    ['ﬁ', 'ﬁ'],
    ['ᾳ', 'ᾼ'],
    ['ᾀ', 'ᾈ'],
    ['ᾈ', 'ᾈ'],
    ['ᾲ', 'ᾲ'],
    ['𐐨', '𐐀'],
  ])('raises %j to %j', (text, upper) => {
    expect(toUpperCase(text)).toBe(upper)
  })
})
