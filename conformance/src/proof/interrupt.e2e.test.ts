import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ChildProgram, repository } from '../programs/child-program.js'

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

it.skipIf(process.platform !== 'linux').each([
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
  await expect.poll(() => runningOf(group)).toEqual([])
})

/** What runs of a process group; what has ended and nobody has waited for does not. */
async function runningOf(group: number): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')))
  return stats.filter((stat) => {
    // After the name in brackets, which may hold anything: state, parent, group.
    const [state, , itsGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(itsGroup) === group && state !== 'Z'
  })
}
