import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { serverPath } from '@promline/servers'
import { expect, test } from 'vitest'
import { repository } from '../e2e/program.js'
import { describeWithServers } from '../servers/describe-with-servers.js'

const run = promisify(execFile)
const cwd = `${repository}examples/pipeline`

describeWithServers('compose.yaml', ['docker-compose'], () => {
  test('is a valid composition with everything of the deployment', async () => {
    const env = { ...process.env, PROMLINE_CONSOLE_PASSWORD: 'x' }
    const { stdout } = await run(serverPath('docker-compose'), ['-f', 'compose.yaml', 'config', '--services'], { cwd, env })
    expect(stdout.trim().split('\n').sort()).toEqual([
      'chronograf',
      'exporter',
      'influxdb',
      'kafka',
      'prometheus',
      'promline',
      'telegraf',
      'topics',
    ])
  })

  test('does not start without a password for the page', async () => {
    const { PROMLINE_CONSOLE_PASSWORD: _, ...env } = process.env
    await expect(run(serverPath('docker-compose'), ['-f', 'compose.yaml', 'config'], { cwd, env })).rejects.toThrow(/set a password/)
  })
})
