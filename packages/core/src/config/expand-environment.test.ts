// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to variables are what is tested
import { expect, it } from 'vitest'
import { expandEnvironment } from './expand-environment.js'

/** Expected values are Go's, of os.Expand. */
it.each([
  ['plain', 'plain'],
  ['$A', 'a'],
  ['${A}', 'a'],
  ['x${A}y$B_1z', 'xay'],
  ['$B_1.z', 'b.z'],
  ['$$A', '$A'],
  ['${$}', '$'],
  ['$', '$'],
  ['a$ b', 'a$ b'],
  ['$-x', 'x'],
  ['$1A', 'A'],
  ['${}x', 'x'],
  ['${A', 'A'],
  ['${A B}', ''],
  ['$NONE', ''],
  ['é$A', 'éa'],
])('expandEnvironment(%j) is %j', (text, expanded) => {
  const variables = new Map([
    ['A', 'a'],
    ['B_1', 'b'],
  ])
  expect(expandEnvironment(text, (name) => variables.get(name) ?? '')).toBe(expanded)
})
