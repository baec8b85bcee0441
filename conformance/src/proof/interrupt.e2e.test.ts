import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ChildProgram, repository } from './child-program.js'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'promline-interrupt-'))
})
afterEach(() => rm(dir, { recursive: true }))

const torture = ['--kills', '1000', '--seed', '1']
const proofs: Readonly<Record<string, readonly string[]>> = {
  torture: ['torture.js', ...torture],
  soak: ['soak.js', '--minutes', '10'],
  verify: ['verify.js', '--only', 'torture', ...torture],
}

it.each([
  ['torture', 'SIGINT'],
  ['soak', 'SIGINT'],
  ['verify', 'SIGTERM'],
] as const)('%s that is interrupted by %s leaves no process and no folder', async (name, signal) => {
  const [program, ...args] = proofs[name]!
  const proof = new ChildProgram({
    args: [`${repository}conformance/dist/proof/${program!}`, ...args],
    env: { ...process.env, TMPDIR: dir, PROMLINE_RESULTS: join(dir, 'results.ndjson') },
    group: true,
  })
  const group = proof.pid
  await proof.printed(/--seed/)
  await expect.poll(() => readdir(dir), { timeout: 30_000 }).toContainEqual(expect.stringMatching(/^promline-/))
  // To this process alone, as a script or a service does; a terminal tells the whole group.
  process.kill(proof.pid, signal)
  expect(await proof.exited).toMatchObject({ status: 1 })
  expect(await readdir(dir)).toEqual([])
  await expect.poll(() => isThere(group)).toBe(false)
})

function isThere(group: number): boolean {
  try {
    return process.kill(-group, 0)
  } catch {
    return false
  }
}
