import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { serverPath } from '@promline/servers'
import { expect, test } from 'vitest'
import { describeWithServers } from '../servers/describe-with-servers.js'
import { composeServices } from './compose-file.js'
import { deployFolder } from './places.js'

const run = promisify(execFile)

/** What Compose makes of the file. Rejects where it finds a fault. */
async function config(env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await run(serverPath('docker-compose'), ['-f', 'compose.yaml', 'config', '--services'], { cwd: deployFolder, env })
  return stdout
}

describeWithServers('compose.yaml of the federation', ['docker-compose'], () => {
  test('is a valid composition', async () => {
    const services = (await config({ ...process.env, PROMLINE_CONSOLE_PASSWORD: 'x' })).trim().split('\n')
    expect(services.sort()).toEqual(
      composeServices()
        .map(({ name }) => name)
        .sort(),
    )
  })

  test('does not start without a password for the page', async () => {
    const { PROMLINE_CONSOLE_PASSWORD: _, ...env } = process.env
    await expect(config(env)).rejects.toThrow(/run compose\/make-secrets.sh first/)
  })
})
