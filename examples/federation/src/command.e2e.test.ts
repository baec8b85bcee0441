import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { waitFor } from '@promline/servers'
import { describeWithServers } from '@promline/servers/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { demoServers } from './demo/missing-servers.js'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
/** The orphans' guard kills after ten seconds what does not end when it is asked to. */
const orphanTimeoutMs = 20_000

/** The command as a user types it. */
class Command {
  readonly child: ChildProcess
  output = ''
  readonly #exit: Promise<number | NodeJS.Signals | null>

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    const child = spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
      })
    }
    this.#exit = new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal)))
    onTestFinished(() => {
      child.kill('SIGKILL')
    })
  }

  async printed(pattern: RegExp): Promise<string> {
    return waitFor(`line ${pattern}`, () => pattern.exec(this.output)?.[1], { timeoutMs: 60_000 })
  }

  /** Resolves with the exit status, or the signal that ended it. */
  async ended(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    if (signal !== undefined) this.child.kill(signal)
    return this.#exit
  }
}

async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'promline-command-'))
  onTestFinished(() => rm(path, { recursive: true, force: true, maxRetries: 5 }))
  return path
}

async function startDemo(): Promise<{ command: Command; pids: readonly number[] }> {
  const dataDir = await temporaryFolder()
  const command = new Command(['--free-ports', '--pace', 'fast', '--data', relative(process.cwd(), dataDir)])
  const control = await command.printed(/the demo: .* (http:\S+)/)
  const state = await (await fetch(control)).text()
  const pids = [...state.matchAll(/pid (\d+)/g)].map(([, pid]) => Number(pid))
  expect(pids).toHaveLength(8)
  return { command, pids }
}

/** Those that still run. One that has ended and that nobody has asked for its status yet does not. */
async function runningOf(pids: readonly number[]): Promise<string[]> {
  const list = await promisify(execFile)('ps', ['-o', 'pid=,stat=,args=', '-p', pids.join(',')]).catch(() => ({ stdout: '' }))
  return list.stdout.split('\n').filter((line) => line.trim() !== '' && !/^\s*\d+\s+Z/.test(line))
}

/** The command lines of all processes that have a text in them. */
async function argumentsWith(text: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'args='], { maxBuffer: 16 * 1024 * 1024 })
  return stdout.split('\n').filter((line) => line.includes(text))
}

describeWithServers('the command', demoServers, () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s stops everything that it started, and loses nothing', async (signal) => {
    const { command, pids } = await startDemo()
    await waitFor('first samples', () => /Job \w+ succeeded/.test(command.output))
    expect(await command.ended(signal), command.output).toBe(0)
    expect(await runningOf(pids)).toEqual([])
    expect(command.output).toMatch(/INFO: agent: agent\/centre( +\d+){3}( +0){4} +balanced/)
    expect(command.output).toMatch(/INFO: centre: receive\/prometheus( +\d+){3}( +0){4} +balanced/)
    expect(command.output).toMatch(/INFO: stopped\n$/)
    expect(command.output).not.toMatch(/ERROR/)
  })

  test('SIGTERM while it starts stops what is there already', async () => {
    const dataDir = await temporaryFolder()
    const command = new Command(['--free-ports', '--data', dataDir])
    await command.printed(/(starting two clusters)/)
    // Its first programs are on their way, and have the folder in their arguments.
    await waitFor('a first program', async () => (await argumentsWith(dataDir)).length > 1)
    expect(await command.ended('SIGTERM'), command.output).toBe(0)
    expect(await argumentsWith(dataDir)).toEqual([])
    expect(command.output).not.toContain('http://')
  })

  test('leaves nothing behind where it is killed itself', async () => {
    const { command, pids } = await startDemo()
    expect(await command.ended('SIGKILL')).toBe('SIGKILL')
    await waitFor('end of all that it started', async () => (await runningOf(pids)).length === 0, { timeoutMs: orphanTimeoutMs })
  })
})

describe('the command on a machine without servers', () => {
  test('says everything that is missing, and starts nothing', async () => {
    const nowhere = { PATH: dirname(process.execPath), HOME: '/nowhere', PROMLINE_CACHE: '/nowhere' }
    const command = new Command(['--free-ports', '--data', '/nowhere/data'], nowhere)
    expect(await command.ended()).toBe(1)
    expect(command.output).toContain(
      'promline: the demo runs real servers, and these are not installed: prometheus, alertmanager, pushgateway, node-exporter, nats-server\n',
    )
    expect(command.output).toContain('node scripts/servers/install.js prometheus alertmanager pushgateway node-exporter nats-server\n')
  })
})

test.each([[[]], [['agent']]])('%j --version', async (role) => {
  const command = new Command([...role, '--version'])
  expect(await command.ended()).toBe(0)
  expect(command.output).toMatch(/^promline \d+\.\d+\.\d+\n$/)
})
