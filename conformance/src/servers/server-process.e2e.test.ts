import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServerFolder, type ServerProcess, type ServerProcessOptions, startServer, waitFor } from '@promline/servers'
import { describe, expect, onTestFinished, test } from 'vitest'

async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'promline-servers-'))
  onTestFinished(() => rm(path, { recursive: true, force: true, maxRetries: 5 }))
  return path
}

/** A program that is up when it has said so. */
async function startScript(script: string, options: Partial<ServerProcessOptions> = {}): Promise<ServerProcess> {
  let isUp = false
  const server = await startServer({
    name: 'script',
    program: process.execPath,
    args: ['-e', `${script}; console.log('up'); setInterval(() => {}, 1000)`],
    folder: await createServerFolder('script'),
    ready: async () => isUp,
    onLine: (line) => {
      isUp ||= line === 'up'
    },
    ...options,
  })
  onTestFinished(() => server.stop())
  return server
}

describe('a server process', () => {
  test('keeps its data in a folder that was named', async () => {
    const path = join(await temporaryFolder(), 'data')
    const folder = await createServerFolder('named', path)
    const script = await startScript(`require('fs').writeFileSync('kept', 'yes')`, { folder })
    await script.stop()
    expect([folder.path, await readFile(join(path, 'kept'), 'utf8')]).toEqual([path, 'yes'])
    const temporary = await createServerFolder('temporary')
    await temporary.remove()
    expect(existsSync(temporary.path)).toBe(false)
  })

  test('is asked to end, and killed where it does not', async () => {
    const polite = await startScript('')
    await polite.end({ graceMs: 60_000 })
    expect(await polite.exited).toBe('ended with SIGTERM')
    const deaf = await startScript(`process.on('SIGTERM', () => {})`)
    await deaf.end({ graceMs: 200 })
    expect(await deaf.exited).toBe('ended with SIGKILL')
  })

  test('does not outlive whoever started it, not even one that is killed', async () => {
    const folder = await temporaryFolder()
    const file = join(folder, 'starter.mjs')
    const servers = import.meta.resolve('@promline/servers')
    await writeFile(
      file,
      `import { createServerFolder, startServer } from ${JSON.stringify(servers)}
      const folder = await createServerFolder('orphan', ${JSON.stringify(join(folder, 'orphan'))})
      const args = ['-e', 'setInterval(() => {}, 1000)']
      const server = await startServer({ name: 'orphan', program: process.execPath, args, folder, ready: async () => true })
      console.log(server.pid)
      setInterval(() => {}, 1000)`,
    )
    const starter = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void starter.kill('SIGKILL'))
    let printed = ''
    starter.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
    const pid = Number(await waitFor('the id of the process', () => /^(\d+)\n/.exec(printed)?.[1]))
    expect(await isRunning(pid)).toBe(true)
    starter.kill('SIGKILL')
    await waitFor('end of the orphan', async () => !(await isRunning(pid)))
  })
})

/** One that has ended, and that nobody has asked for its status yet, does not run. */
async function isRunning(pid: number): Promise<boolean> {
  const ps = spawn('ps', ['-o', 'stat=', '-p', String(pid)], { stdio: ['ignore', 'pipe', 'ignore'] })
  let state = ''
  for await (const text of ps.stdout.setEncoding('utf8')) state += text
  return /^[^Z\s]/.test(state.trim())
}
