import { describe, expect, test } from 'vitest'
import { readOptions } from './options.js'

const none = { pattern: /(?:)/, list: false, rounds: undefined, profile: undefined }

describe('readOptions', () => {
  test.each([
    [[], none],
    [['parse/ksm'], { ...none, pattern: /parse\/ksm/ }],
    [['--list'], { ...none, list: true }],
    [['system', '--rounds', '2'], { ...none, pattern: /system/, rounds: 2 }],
    [['--profile', 'parse/ksm/warm'], { ...none, profile: 'parse/ksm/warm' }],
  ])('%j', (args, options) => expect(readOptions(args)).toEqual(options))

  test.each([
    [['a', 'b'], 'one pattern, not 2: a b'],
    [['--rounds', '0'], '--rounds 0: a whole number from 1 to 9999'],
    [['--rounds', 'many'], '--rounds many: a whole number from 1 to 9999'],
    [['--fast'], "Unknown option '--fast'"],
    [['('], 'Invalid regular expression: /(/: Unterminated group'],
  ])('refuses %j', (args, message) => expect(() => readOptions(args)).toThrow(message))
})
