import { describe, expect, it } from 'vitest'
import { readReliabilityOptions } from './options.js'

describe('readReliabilityOptions', () => {
  it.each([
    ['', {}],
    ['run.ndjson', { runFile: 'run.ndjson' }],
    ['--help', undefined],
    ['run.ndjson --help', undefined],
  ])('%s', (args, options) => {
    expect(readReliabilityOptions(args.split(' ').filter(Boolean))).toEqual(options)
  })

  it.each([
    ['a b', 'one file of results, not 2'],
    ['--all', "Unknown option '--all'"],
  ])('refuses %s', (args, message) => {
    expect(() => readReliabilityOptions(args.split(' '))).toThrow(message)
  })
})
