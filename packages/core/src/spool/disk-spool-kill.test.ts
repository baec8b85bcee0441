import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDiskSpool } from './disk-spool.js'
import type { FsyncPolicy } from './spool.js'
import { numberOf, readToHead } from './testdata/batches.js'

/** Kills under the default policy, and a quarter of that under each other; more by PROMLINE_SPOOL_KILLS. */
const kills = Number(process.env['PROMLINE_SPOOL_KILLS'] ?? 20)

/** Node runs no TypeScript: the child comes from the build. */
const child = fileURLToPath(new URL('../../dist/spool/testdata/kill-child.js', import.meta.url))
const built = existsSync(child)

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'promline-spool-'))
})

afterEach(async () => {
  await rm(dir, { recursive: true, force: true })
})

interface Said {
  /** Ids by number, in the order of what was said. */
  readonly appended: ReadonlyMap<number, number>
  readonly acknowledged: number
  readonly lastId: number
}

/** Runs the child and kills it after it has said so many lines. */
async function runAndKill(fsync: FsyncPolicy, options: { firstId: number; lines: number }): Promise<Said> {
  const running = spawn(process.execPath, [child, dir, fsync, String(options.firstId)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = new Promise((resolve) => running.once('close', resolve))
  let output = ''
  let lines = 0
  for await (const chunk of running.stdout) {
    output += String(chunk)
    lines += String(chunk).split('\n').length - 1
    if (lines >= options.lines) running.kill('SIGKILL')
  }
  await closed
  const said = output
    .slice(0, output.lastIndexOf('\n') + 1)
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
  const appends = said.filter(([kind]) => kind === 'A')
  const acknowledgements = said.filter(([kind]) => kind === 'K').map(([, seq]) => Number(seq))
  return {
    appended: new Map(appends.map(([, id, seq]) => [Number(seq), Number(id)])),
    acknowledged: Math.max(0, ...acknowledgements),
    lastId: Math.max(0, ...appends.map(([, id]) => Number(id))),
  }
}

describe.skipIf(!built)('kill -9 (needs the build: pnpm build)', () => {
  it.each([
    ['interval', kills],
    ['always', Math.ceil(kills / 4)],
    ['os', Math.ceil(kills / 4)],
  ] as const)(
    'loses nothing that was taken (%s, %i kills)',
    async (fsync, count) => {
      const taken = new Map<number, number>()
      let firstId = 1
      let acknowledged = 0
      let checks = 0
      for (let kill = 0; kill < count; kill++) {
        const said = await runAndKill(fsync, { firstId, lines: 1 + ((kill * 173) % 500) })
        for (const [seq, id] of said.appended) taken.set(seq, id)
        acknowledged = Math.max(acknowledged, said.acknowledged)
        // What was appended and not said is there, or not.
        firstId = Math.max(firstId, said.lastId) + 1000

        const spool = createDiskSpool({ dir, minFreeBytes: 0 })
        await spool.open()
        const cursor = await spool.cursor({ name: 'sink', lanes: 1, overflow: 'block' })
        const floor = cursor.acknowledged[0]!
        expect(floor).toBeLessThanOrEqual(acknowledged)
        const found = new Map<number, number>()
        let last = floor
        for (const { seq, batch } of await readToHead(spool, cursor)) {
          expect(seq).toBeGreaterThan(last)
          last = seq
          found.set(seq, numberOf(batch))
        }
        expect(spool.status().damagedRecords).toBe(0)
        await spool.close()
        for (const [seq, id] of taken) {
          if (seq <= floor) taken.delete(seq)
          else {
            checks++
            expect(found.get(seq), `batch ${id}, number ${seq}, after kill ${kill}`).toBe(id)
          }
        }
      }
      expect(checks).toBeGreaterThan(count)
    },
    3_600_000,
  )

  it('refuses a second process within a second, and names the first', async () => {
    const running = spawn(process.execPath, [child, dir, 'os', '1'], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      await new Promise((resolve) => running.stdout.once('data', resolve))
      const spool = createDiskSpool({ dir })
      const began = performance.now()
      await expect(spool.open()).rejects.toMatchObject({
        code: 'spool-locked',
        message: `spool ${dir} is in use by process ${running.pid}; a folder belongs to one pipeline of one process`,
        facts: { folder: dir, pid: running.pid },
      })
      expect(performance.now() - began).toBeLessThan(1000)
    } finally {
      running.kill('SIGKILL')
      await new Promise((resolve) => running.once('close', resolve))
    }
    const spool = createDiskSpool({ dir })
    await spool.open()
    await spool.close()
  })
})
