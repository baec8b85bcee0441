import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createPasswordFiles } from './passwords.js'

it('makes a password once for each cluster, for its owner alone', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'promline-passwords-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const files = await createPasswordFiles(dir)
  const file = join(dir, 'secrets', 'nats-primary.password')
  const password = await readFile(file, 'utf8')
  expect([files['nats-primary'], password]).toEqual([file, expect.stringMatching(/^[\w-]{32}$/)])
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readFile(files['another-cluster'], 'utf8')).not.toBe(password)
  expect(await createPasswordFiles(dir)).toEqual(files)
  expect(await readFile(file, 'utf8')).toBe(password)
})
