import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { processFlags, tuneProcess } from './tune-process.js'

const run = promisify(execFile)

test('this V8 knows the flags: of others it complains on standard error', async () => {
  const { stdout } = await run(process.execPath, ['--v8-options'])
  for (const flag of processFlags(process.versions.v8)) expect(stdout).toContain(`${flag.slice(0, flag.indexOf('='))} (`)
})

test.each([
  ['11.3.244.8-node.33', 3],
  ['12.4.254.21-node.57', 2],
  ['14.6.202.34-node.34', 2],
])('V8 %s is told %d flags', (version, count) => expect(processFlags(version)).toHaveLength(count))

test('may be called more than once', () => {
  tuneProcess()
  expect(tuneProcess()).toBeUndefined()
})
