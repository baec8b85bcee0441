import { describe, expect, it } from 'vitest'
import { parseCommandLine } from './command-line.js'

describe('parseCommandLine()', () => {
  it.each([
    [[], { dataDir: './data', logLevel: 'info' }],
    [['--data', 'x'], { dataDir: 'x', logLevel: 'info' }],
    [['--', '--data', 'x'], { dataDir: 'x', logLevel: 'info' }],
    [['--config=a.yml', '--log-level', 'debug'], { dataDir: './data', logLevel: 'debug', configFile: 'a.yml' }],
    [['--check-config', '--config', 'a.yml'], { dataDir: './data', logLevel: 'info', configFile: 'a.yml', instead: 'check-config' }],
    [['--version'], { dataDir: './data', logLevel: 'info', instead: 'version' }],
    [['-h'], { dataDir: './data', logLevel: 'info', instead: 'help' }],
  ])('%j', (args, expected) => {
    expect(parseCommandLine(args)).toEqual(expected)
  })

  it.each([
    [['--log-level', 'loud'], '--log-level loud: one of debug, info, warn, error'],
    [['--data', ''], '--data must name a folder (see --help)'],
    [['--config='], '--config must name a file (see --help)'],
    [['--data'], "Option '--data <value>' argument missing (see --help)"],
    [['--foo'], "Unknown option '--foo' (see --help)"],
    [['run'], 'unexpected argument "run": see --help'],
  ])('refuses %j', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(message)
  })
})
