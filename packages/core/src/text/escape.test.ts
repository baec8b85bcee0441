import { expect, it } from 'vitest'
import { escapeHelp, escapeQuoted } from './escape.js'

it.each([
  ['', '', ''],
  ['plain, é', 'plain, é', 'plain, é'],
  ['a\\b', 'a\\\\b', 'a\\\\b'],
  ['a\nb', 'a\\nb', 'a\\nb'],
  ['a"b', 'a"b', 'a\\"b'],
  ['\\n"\n', '\\\\n"\\n', '\\\\n\\"\\n'],
])('%j as a help is %j, in quotes %j', (text, help, quoted) => {
  expect([escapeHelp(text), escapeQuoted(text)]).toEqual([help, quoted])
})
