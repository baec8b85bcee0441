import { describe, expect, it } from 'vitest'
import { readArguments } from './arguments.js'

describe('readArguments', () => {
  it.each([
    ['inspect d', { name: 'inspect', dir: 'd', json: false }],
    ['inspect --json d', { name: 'inspect', dir: 'd', json: true }],
    ['--help', { name: 'help' }],
    ['dump d -h', { name: 'help' }],
    ['dump d', { name: 'dump', dir: 'd', cursor: undefined, from: undefined, limit: Number.POSITIVE_INFINITY }],
    ['dump d --cursor kafka --from 7 --limit 0', { name: 'dump', dir: 'd', cursor: 'kafka', from: 7, limit: 0 }],
    [
      'replay d --from 1 --sink ./s.js --to http://a --to http://b --options o.json --export create',
      {
        name: 'replay',
        dir: 'd',
        cursor: undefined,
        from: 1,
        sink: './s.js',
        exportName: 'create',
        optionsFile: 'o.json',
        urls: ['http://a', 'http://b'],
      },
    ],
  ])('%s', (line, command) => expect(readArguments(line.split(' '))).toEqual(command))

  it.each([
    ['', 'a command is missing: inspect, dump or replay'],
    ['look d', 'no command is called look: inspect, dump or replay'],
    ['inspect', 'inspect: the folder is missing'],
    ['inspect a b c', 'inspect: one folder, not 3'],
    ['inspect d --cursor a', 'inspect has no option --cursor'],
    ['dump d --json', 'dump has no option --json'],
    ['dump d --from -1', "Option '--from' argument is ambiguous"],
    ['dump d --from 1e3', '--from 1e3: a whole number'],
    ['dump d --limit many', '--limit many: a whole number'],
    ['replay d --from 1', 'replay: --sink is missing'],
    ['replay d --sink a', 'replay: --cursor or --from is missing'],
    ['inspect d --verbose', "Unknown option '--verbose'"],
  ])('refuses %j', (line, message) => expect(() => readArguments(line.split(' ').filter((word) => word !== ''))).toThrow(message))
})
