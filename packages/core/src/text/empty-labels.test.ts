import { expect, test } from 'vitest'
import { encodeUtf8 } from '../model/bytes.js'
import { parseTextEntries } from './parse-text.js'

const cases: [line: string, emptyLabels: string[] | undefined][] = [
  ['a 1', undefined],
  ['a{b="c"} 1', undefined],
  ['a{b=""} 1', ['b']],
  ['a{z="",b="c",instance=""} 1', ['instance', 'z']],
  ['{"a","x.y"=""} 1', ['x.y']],
]
test.each(cases)('%s', (line, emptyLabels) => {
  const seen: (readonly string[] | undefined)[] = []
  parseTextEntries(encodeUtf8(`q{x=""} 1\n${line}\n`), { mode: 'prometheus' }, (entry) => seen.push(entry.emptyLabels))
  expect(seen).toEqual([['x'], emptyLabels])
})
