import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { passwordFile } from './passwords.js'

it('makes a password once for each cluster, for its owner alone', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'promline-passwords-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const file = await passwordFile(dir, 'nats-primary')
  const password = await readFile(file, 'utf8')
  expect([file, password]).toEqual([join(dir, 'secrets', 'nats-primary.password'), expect.stringMatching(/^[\w-]{32}$/)])
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readFile(await passwordFile(dir, 'nats-primary'), 'utf8')).toBe(password)
  expect(await readFile(await passwordFile(dir, 'another-cluster'), 'utf8')).not.toBe(password)
})
