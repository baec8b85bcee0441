import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { processFlags, tuneProcess } from './tune-process.js'

const run = promisify(execFile)

test('this V8 knows the flags: one that it does not know is without effect, and says nothing', async () => {
  const { stdout } = await run(process.execPath, ['--v8-options'])
  for (const flag of processFlags) expect(stdout).toContain(`${flag.slice(0, flag.indexOf('='))} (`)
})

test('may be called more than once', () => {
  tuneProcess()
  expect(tuneProcess()).toBeUndefined()
})
