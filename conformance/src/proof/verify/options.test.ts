import { describe, expect, test } from 'vitest'
import { parts, readVerifyOptions } from './options.js'
import { stepsOf } from './steps.js'

const inFull = {
  only: parts,
  kills: 5_000,
  spoolKills: 200,
  runs: 10_000,
  flips: 10_000,
  minutes: 60,
  seed: 1,
  results: 'data/verify.ndjson',
}

describe('readVerifyOptions', () => {
  const good: readonly (readonly [args: string, env: NodeJS.ProcessEnv, options: object | undefined])[] = [
    ['', {}, inFull],
    ['', { PROMLINE_RESULTS: '/r' }, { ...inFull, results: '/r' }],
    ['--results r.ndjson', { PROMLINE_RESULTS: '/r' }, { ...inFull, results: 'r.ndjson' }],
    ['--only torture,soak --kills 3 --minutes 2 --seed 7', {}, { ...inFull, only: ['torture', 'soak'], kills: 3, minutes: 2, seed: 7 }],
    ['--runs 5 --flips 6 --spool-kills 8', {}, { ...inFull, runs: 5, flips: 6, spoolKills: 8 }],
    ['--help', {}, undefined],
  ]
  test.each(good)('%s %j', (args, env, options) => {
    expect(readVerifyOptions(args.split(' ').filter(Boolean), env)).toEqual(options)
  })

  const bad: readonly (readonly [args: string, message: string])[] = [
    ['--only sleep', '--only: one or more of model, damage, kills, torture, faults, soak, not "sleep"'],
    ['--kills 0', '--kills: at least 1, not 0'],
    ['--spool-kills 0', '--spool-kills: at least 1, not 0'],
    ['--flips 0', '--flips: at least 1, not 0'],
    ['--minutes 0', '--minutes: at least 1, not 0'],
    ['--runs 0', '--runs: at least 1, not 0'],
    ['--runs few', '--runs: a whole number, not "few"'],
  ]
  test.each(bad)('refuses %s', (args, message) => {
    expect(() => readVerifyOptions(args.split(' '), {})).toThrow(message)
  })
})

test('the steps are those of the chosen parts, in order', () => {
  expect(stepsOf({ ...inFull, only: ['soak', 'torture', 'model'], kills: 50 }).map(({ name }) => name)).toEqual([
    'model of the spool, 10000 runs',
    'kill -9 of the relay, 50 times, fsync interval, targets changing',
    'kill -9 of the relay, 50 times, fsync always, targets changing',
    'kill -9 of the relay, 50 times, fsync os, targets changing',
    'kill -9 of the relay, 5 times, fsync interval, targets down',
    'kill -9 of the relay, 5 times, fsync interval, targets up',
    'soak, 60 minutes',
  ])
})
