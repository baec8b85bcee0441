// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates of Go are what is tested
import { describe, expect, it } from 'vitest'
import { compileRe2 } from './regex.js'
import { compileTemplate } from './template.js'

describe('compileTemplate()', () => {
  const regex = compileRe2('(?P<first>a)(b)(?P<third>c)?')
  const groups = regex.match('ab') ?? []

  it.each([
    ['plain', 'plain'],
    ['$0', 'ab'],
    ['$1-$2', 'a-b'],
    ['${1}0', 'a0'],
    ['$10', ''],
    ['$first/${first}', 'a/a'],
    ['$firstx', ''],
    ['$größe.', '.'],
    ['$$1', '$1'],
    ['$$$1', '$a'],
    ['$', '$'],
    ['a$', 'a$'],
    ['$-1', '$-1'],
    ['${1', '${1'],
    ['${}', '${}'],
    ['${1-}', '${1-}'],
    ['$00', ''],
    ['${first}$nobody|', 'a|'],
    ['$toString', ''],
    ['$1$1', 'aa'],
  ])('expands %j to %j', (template, expanded) => {
    expect(compileTemplate(template, regex)(groups)).toBe(expanded)
  })
})
