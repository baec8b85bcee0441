import { expect, it } from 'vitest'
import { parseCommand } from './parse-command.js'

it.each([
  [[], { role: 'demo', args: [] }],
  [[''], { role: 'demo', args: [] }],
  [['--', '--pace', 'fast'], { role: 'demo', args: ['--pace', 'fast'] }],
  [['demo', '--free-ports'], { role: 'demo', args: ['--free-ports'] }],
  [['jobs', '--once', 'etl_pipeline'], { role: 'jobs', args: ['--once', 'etl_pipeline'] }],
  [['nobody', '-x'], { role: 'nobody', args: ['-x'] }],
  [['--version'], { role: 'demo', args: ['--version'], instead: 'version' }],
  [['agent', '--version'], { role: 'agent', args: ['--version'], instead: 'version' }],
  [['-h'], { role: 'demo', args: ['-h'], instead: 'help' }],
  [['agent', '--version', '--help'], { role: 'agent', args: ['--version', '--help'], instead: 'help' }],
])('parseCommand(%j)', (given, expected) => {
  expect(parseCommand(given)).toEqual(expected)
})
