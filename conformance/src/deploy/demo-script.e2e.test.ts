import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { waitFor } from '@promline/servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { repository } from '../programs/child-program.js'
import { describeWithServers } from '../servers/describe-with-servers.js'
import { readScript } from './demo-script.js'
import { federationFolder } from './places.js'

const run = promisify(execFile)

/** Everything is started again and again on a machine that is busy with other things. */
const startTimeoutMs = 90_000
/** The longest wait of the script is that for an alert: three minutes, at a twentieth. */
const answerTimeoutMs = 90_000

/** The usual port of what the demo's table calls so, in the order of its lines. */
const usualPorts: readonly (readonly [what: RegExp, port: number])[] = [
  [/the page: .* http:\/\/127\.0\.0\.1:(\d+)/, 8888],
  [/Prometheus: .* http:\/\/127\.0\.0\.1:(\d+)/, 9090],
  [/Alertmanager +http:\/\/127\.0\.0\.1:(\d+)/, 9093],
  [/Pushgateway: .* http:\/\/127\.0\.0\.1:(\d+)/, 9091],
  [/USDT exporter: .* http:\/\/127\.0\.0\.1:(\d+)/, 5000],
  [/NATS exporter of nats-primary +http:\/\/127\.0\.0\.1:(\d+)/, 7777],
  [/NATS exporter of another-cluster +http:\/\/127\.0\.0\.1:(\d+)/, 7778],
  [/agent of another-cluster +http:\/\/127\.0\.0\.1:(\d+)/, 8889],
  [/node_exporter +http:\/\/127\.0\.0\.1:(\d+)/, 9100],
  [/remote write for clusters +http:\/\/127\.0\.0\.1:(\d+)/, 9201],
  [/the demo: .* http:\/\/127\.0\.0\.1:(\d+)/, 8890],
]

const script = readScript(await readFile(join(repository, 'docs/federation/demo.md'), 'utf8'))

describe('docs/federation/demo.md', () => {
  test('has blocks to run, and says of each what it is to print', () => {
    expect(script.length).toBeGreaterThan(15)
    expect(script.filter(({ expected }) => expected === undefined).map(({ commands }) => commands)).toEqual([
      'rm -rf forge.yml forged-data shards.yml shard-0 shard-1 shard-2\n',
    ])
  })
})

describeWithServers('the demo script, at speed,', ['prometheus', 'alertmanager', 'pushgateway', 'node-exporter', 'nats-server'], () => {
  let folder = ''
  let output = ''
  let stop: () => Promise<unknown> = async () => {}
  const ports = new Map<string, string>()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'promline-demo-script-'))
    // The script is typed in a clone.
    await symlink(join(repository, 'examples'), join(folder, 'examples'))
    const args = [join(federationFolder, 'dist/main.js'), '--free-ports', '--pace', 'fast', '--data', 'promline-federation']
    const demo = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [demo.stdout, demo.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    const ended = new Promise((resolve) => demo.once('close', resolve))
    stop = () => {
      demo.kill('SIGTERM')
      return ended
    }
    const isUp = (): boolean => usualPorts.every(([what]) => what.test(output))
    await waitFor('the table of addresses', () => isUp() || (demo.exitCode !== null && Promise.reject(new Error(output))), {
      timeoutMs: startTimeoutMs,
    })
    for (const [what, port] of usualPorts) ports.set(`127.0.0.1:${port}`, `127.0.0.1:${what.exec(output)?.[1]}`)
  })

  afterAll(async () => {
    await stop()
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  /** What the commands print, on the ports of this demo. */
  async function type(commands: string): Promise<string> {
    const moved = commands.replaceAll(/127\.0\.0\.1:\d{2,}/g, (address) => ports.get(address) ?? address)
    const { stdout, stderr } = await run('bash', ['-c', moved], { cwd: folder, maxBuffer: 16 * 1024 * 1024 }).catch((error: unknown) => {
      // A grep that finds nothing yet, say. What was printed shows it.
      return { stdout: String(error), stderr: '' }
    })
    return stdout + stderr
  }

  test.each(script.map((step) => [step.heading, step.commands, step] as const))('%s: %s', async (_, commands, { expected, waits }) => {
    let printed = ''
    const isRight = async (): Promise<boolean> => {
      printed = await type(commands)
      return expected === undefined || expected.test(printed)
    }
    if (waits) await waitFor(`${expected}`, isRight, { timeoutMs: answerTimeoutMs }).catch(() => undefined)
    else await isRight()
    if (expected !== undefined) expect(printed).toMatch(expected)
  })

  test('stops in order', async () => {
    expect(await stop()).toBe(0)
    expect(output).toMatch(/balanced/)
  })
})
