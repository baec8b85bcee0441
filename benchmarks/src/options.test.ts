import { describe, expect, test } from 'vitest'
import { readOptions } from './options.js'

const none = {
  pattern: /(?:)/,
  list: false,
  goals: false,
  rounds: undefined,
  profile: undefined,
  intervalMs: undefined,
  scrapes: undefined,
  warmScrapes: undefined,
}

describe('readOptions', () => {
  test.each([
    [[], none],
    [['parse/ksm'], { ...none, pattern: /parse\/ksm/ }],
    [['--goals', '--rounds', '3'], { ...none, goals: true, rounds: 3 }],
    [['--list'], { ...none, list: true }],
    [['system', '--rounds', '2'], { ...none, pattern: /system/, rounds: 2 }],
    [
      ['system', '--interval', '500', '--warmup', '30', '--scrapes', '40'],
      { ...none, pattern: /system/, intervalMs: 500, warmScrapes: 30, scrapes: 40 },
    ],
    [['--profile', 'parse/ksm/warm'], { ...none, profile: 'parse/ksm/warm' }],
  ])('%j', (args, options) => expect(readOptions(args)).toEqual(options))

  test.each([[['--help']], [['-h', 'parse']]])('%j asks for help', (args) => expect(readOptions(args)).toBeUndefined())

  test.each([
    [['a', 'b'], 'one pattern, not 2: a b'],
    [['--rounds', '0'], '--rounds 0: a whole number from 1 to 99999'],
    [['--rounds', 'many'], '--rounds many: a whole number from 1 to 99999'],
    [['--interval', '1.5'], '--interval 1.5: a whole number from 1 to 99999'],
    [['--scrapes', '100000'], '--scrapes 100000: a whole number from 1 to 99999'],
    [['--fast'], "Unknown option '--fast'"],
    [['('], 'Invalid regular expression: /(/: Unterminated group'],
  ])('refuses %j', (args, message) => expect(() => readOptions(args)).toThrow(message))
})
