import { type Logger, silentLogger } from '@promline/core'
import { createServerFolder, type ServerProcess, startServer } from '@promline/servers'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createProgramSwitch, type ProgramSwitch } from './program-switch.js'

/** Says `up`, ends when it is asked to, and by itself with status 3 when it gets SIGUSR2. */
const script = `console.log('up'); process.on('SIGUSR2', () => { console.log('something broke'); process.exit(3) }); setInterval(() => {}, 1000)`

let lines: string[]

async function startSwitch(): Promise<{ program: ProgramSwitch; process: ServerProcess }> {
  const folder = await createServerFolder('switch')
  let isUp = false
  const server: ServerProcess = await startServer({
    name: 'a program',
    program: process.execPath,
    args: ['-e', script],
    folder,
    ready: async () => isUp,
    onLine: (line) => {
      isUp ||= line === 'up'
    },
  })
  onTestFinished(() => server.stop())
  const log = (level: string) => (_: object, message: string) => {
    lines.push(`${level}: ${message.replace(/\d{2,}/, 'N')}`)
  }
  const logger: Logger = { ...silentLogger, info: log('info'), error: log('error') }
  return { program: createProgramSwitch({ name: 'x', process: server, graceMs: 10_000, logger }), process: server }
}

beforeEach(() => {
  lines = []
})

describe('createProgramSwitch()', () => {
  it('stops, starts and kills, and does nothing where it is so already', async () => {
    const { program } = await startSwitch()
    const first = program.pid
    await Promise.all([program.stop(), program.stop(), program.kill()])
    expect(program.pid).toBeUndefined()
    await Promise.all([program.start(), program.start()])
    const second = program.pid
    expect([typeof first, typeof second, first === second]).toEqual(['number', 'number', false])
    await program.kill()
    expect(program.pid).toBeUndefined()
    expect(lines).toEqual(['info: x is stopped', 'info: x is started again, pid N', 'info: x is killed'])
  })

  it('tells of a program that ends by itself, and starts it again', async () => {
    const { program, process: server } = await startSwitch()
    process.kill(server.pid, 'SIGUSR2')
    await expect.poll(() => lines).toEqual(['error: x ended with status 3: something broke'])
    expect(program.pid).toBeUndefined()
    await program.start()
    expect(program.pid).toBeTypeOf('number')
  })
})
