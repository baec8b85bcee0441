// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the templates of Go are what is tested
import { describe, expect, it } from 'vitest'
import { toError } from '../model/errors.js'
import type { RelabelConfig } from './relabel-config.js'
import { validateRelabelConfig } from './validate-relabel-config.js'

const name = { targetLabel: 'a' }

function messageOf(config: RelabelConfig): string {
  try {
    validateRelabelConfig(config)
  } catch (error) {
    return toError(error).message
  }
  return 'accepted'
}

describe('validateRelabelConfig()', () => {
  it('fills the defaults in', () => {
    expect(validateRelabelConfig({ targetLabel: 'a' })).toEqual({
      sourceLabels: [],
      separator: ';',
      regex: '(.*)',
      modulus: 0n,
      targetLabel: 'a',
      replacement: '$1',
      action: 'replace',
    })
  })

  it.each<[RelabelConfig]>([
    [{ ...name, sourceLabels: ['b'], regex: '', replacement: '', separator: '' }],
    [{ ...name, modulus: 0 }],
    [{ targetLabel: '${1}.x' }],
    [{ action: 'keep' }],
    [{ action: 'drop', targetLabel: 'ignored' }],
    [{ ...name, action: 'hashmod', modulus: 1 }],
    [{ ...name, action: 'hashmod', modulus: 2n ** 64n - 1n, replacement: 'ignored' }],
    [{ action: 'labelmap', replacement: 'http.$1' }],
    [{ ...name, action: 'keepequal', sourceLabels: ['b'], separator: ';', replacement: '$1' }],
    [{ action: 'labeldrop' }],
    [{ ...name, action: 'lowercase', regex: 'ignored' }],
  ])('accepts %o', (config) => {
    expect(messageOf(config)).toBe('accepted')
  })

  it.each<[RelabelConfig, string]>([
    [{}, "relabel action replace requires 'target_label'"],
    [{ targetLabel: '\ud800' }, `relabel action replace: 'target_label' "\\ud800" is not a valid label name`],
    [{ ...name, replacement: '\udc00' }, "relabel action replace: 'replacement' has a lone surrogate, which UTF-8 cannot hold"],
    [{ ...name, regex: '(?=x)' }, 'regex "(?=x)" is not a valid RE2 expression: invalid or unsupported Perl syntax: `(?=`'],
    [{ ...name, regex: '(.)\\1' }, 'regex "(.)\\\\1" is not a valid RE2 expression: invalid escape sequence: `\\1`'],
    [{ ...name, regex: 'a{1001}' }, 'regex "a{1001}" is not a valid RE2 expression: invalid repeat count: `{1001}`'],
    [{ ...name, action: 'hashmod' }, "relabel action hashmod requires 'modulus', an integer of at least 1"],
    [{ ...name, action: 'hashmod', modulus: 0 }, "relabel action hashmod requires 'modulus', an integer of at least 1"],
    [{ ...name, action: 'hashmod', modulus: 1.5 }, "relabel action hashmod requires 'modulus', an integer of at least 1"],
    [{ ...name, modulus: -1 }, "relabel action replace: 'modulus' must be an integer from 1 to 18446744073709551615, not -1"],
    [
      { ...name, action: 'hashmod', modulus: 2n ** 64n },
      "relabel action hashmod: 'modulus' must be an integer from 1 to 18446744073709551615, not 18446744073709551616",
    ],
    [{ action: 'hashmod', modulus: 1 }, "relabel action hashmod requires 'target_label'"],
    [{ action: 'lowercase' }, "relabel action lowercase requires 'target_label'"],
    [{ ...name, action: 'uppercase', replacement: 'x' }, "relabel action uppercase takes no 'replacement'"],
    [{ action: 'labelmap', replacement: '' }, `relabel action labelmap: 'replacement' "" is not a valid label name`],
    [{ action: 'keepequal' }, "relabel action keepequal requires 'target_label'"],
    [
      { ...name, action: 'keepequal', regex: '(.*)' },
      "relabel action keepequal takes only 'source_labels' and 'target_label', not 'regex'",
    ],
    [{ ...name, action: 'dropequal', modulus: 2 }, "relabel action dropequal takes only 'source_labels' and 'target_label', not 'modulus'"],
    [
      { ...name, action: 'dropequal', separator: '' },
      "relabel action dropequal takes only 'source_labels' and 'target_label', not 'separator'",
    ],
    [{ ...name, action: 'dropequal', replacement: 'x' }, "relabel action dropequal takes no 'replacement'"],
    [{ ...name, action: 'labeldrop' }, "relabel action labeldrop takes only 'regex', not 'target_label'"],
    [{ action: 'labelkeep', sourceLabels: [] }, "relabel action labelkeep takes only 'regex', not 'source_labels'"],
    [{ action: 'labelkeep', replacement: '' }, "relabel action labelkeep takes only 'regex', not 'replacement'"],
  ])('refuses %o', (config, message) => {
    expect(messageOf(config)).toBe(message)
  })

  it('names all actions where one is unknown', () => {
    const config: RelabelConfig = JSON.parse('{ "action": "rename" }')
    expect(messageOf(config)).toBe(
      'relabel action "rename" is unknown: it is one of replace, lowercase, uppercase, keep, drop, keepequal, dropequal, hashmod, labelmap, labeldrop, labelkeep',
    )
  })
})
