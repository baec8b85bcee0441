import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Secret } from '@promline/core'
import { createRemoteWriteHandler } from '@promline/remote-write'
import { expect, test } from 'vitest'
import { afterTest, temporaryFolder } from '../e2e/scope.js'
import { repository } from '../programs/child-program.js'

const run = promisify(execFile)

/** The lines of a block of shell of the production checklist that begin with `start`. */
async function commandOf(start: string): Promise<string> {
  const text = await readFile(join(repository, 'docs/federation/production-checklist.md'), 'utf8')
  const line = text.split('\n').find((one) => one.startsWith(start))
  if (line === undefined) throw new Error(`the checklist has no command ${start}`)
  return line
}

test('a password and its hash, as the checklist makes them, let a client in', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'password')
  const { stdout: password } = await run('bash', ['-c', await commandOf('head -c 24')])
  expect(password).toMatch(/^[A-Za-z0-9]{20,32}$/)
  await writeFile(file, `${password}\n`)
  const command = (await commandOf('cd packages/core')).replace('PASSWORD_FILE', file)
  const { stdout: hash } = await run('bash', ['-c', command], { cwd: repository })

  const handler = createRemoteWriteHandler({
    consume: async () => ({ status: 'spooled' }),
    clients: [{ name: 'a', credentials: [{ kind: 'basic', username: 'a', passwordHash: new Secret(hash.trim()) }] }],
  })
  const server = createServer((request, response) => void handler(request, response)).listen(0, '127.0.0.1')
  afterTest(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/api/v1/write`
  const statusWith = async (given: string): Promise<number> => {
    const authorization = `Basic ${Buffer.from(`a:${given}`).toString('base64')}`
    return (await fetch(url, { method: 'POST', headers: { authorization }, body: 'x' })).status
  }
  expect(await statusWith('wrong')).toBe(401)
  // Who is let in is told that this is no remote write.
  expect(await statusWith(password)).toBe(415)
})
