import { describe, expect, test } from 'vitest'
import { readTortureOptions } from './options.js'

describe('readTortureOptions', () => {
  const good: readonly (readonly [args: string, options: object | undefined])[] = [
    ['--seed 7', { kills: 100, fsync: 'interval', targets: 'changing', seed: 7, relays: 3 }],
    ['--kills 5000 --fsync always --targets up --seed 1 --relays 8', { kills: 5000, fsync: 'always', targets: 'up', seed: 1, relays: 8 }],
    ['--kills 2 --seed 0', { kills: 2, fsync: 'interval', targets: 'changing', seed: 0, relays: 2 }],
    ['--help', undefined],
  ]
  test.each(good)('%s', (args, options) => {
    expect(readTortureOptions(args.split(' '))).toEqual(options)
  })

  test('draws a seed where none is given', () => {
    expect(readTortureOptions([])?.seed).toBeGreaterThanOrEqual(0)
  })

  const bad: readonly (readonly [args: string, message: string])[] = [
    ['--kills many', '--kills: a whole number, not "many"'],
    ['--kills=-1', '--kills: a whole number, not "-1"'],
    ['--kills 0', '--kills: at least 1, not 0'],
    ['--relays 0', '--relays: at least 1, not 0'],
    ['--seed 1.5', '--seed: a whole number, not "1.5"'],
    ['--fsync never', '--fsync: one of always, interval, os, not "never"'],
    ['--targets gone', '--targets: one of changing, down, up, not "gone"'],
  ]
  test.each(bad)('refuses %s', (args, message) => {
    expect(() => readTortureOptions(args.split(' '))).toThrow(message)
  })
})
