import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { request, type RequestOptions } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { answer, createHttpListener, webConfigFile } from '@promline/core'
import { createServerFolder, freePort, serverPath, startServer } from '@promline/servers'
import { expect, test } from 'vitest'
import { describeWithServers } from '../servers/describe-with-servers.js'
import { afterTest, started, temporaryFolder } from './scope.js'

const pathOf = (name: string): string => fileURLToPath(new URL(`../../../packages/core/src/http/testdata/${name}`, import.meta.url))
const pair = (name: string) => ({ cert: readFileSync(pathOf(`${name}.pem`)), key: readFileSync(pathOf(`${name}.key`)) })
const ca = readFileSync(pathOf('ca.pem'))

/** The hashes are of `secret`. */
const webConfig = (clientAuth: string): string => `
tls_server_config:
  cert_file: ${pathOf('server.pem')}
  key_file: ${pathOf('server.key')}
  client_auth_type: ${clientAuth}
  client_ca_file: ${pathOf('ca.pem')}
http_server_config:
  headers: { X-Frame-Options: deny }
basic_auth_users:
  alice: $2b$10$IsqMa5Eozd.36uviuYqT9uY5MPtNY2x6K5cHyX4l.awiifXG6Ci/e
  bob: $2y$10$IsqMa5Eozd.36uviuYqT9uY5MPtNY2x6K5cHyX4l.awiifXG6Ci/e
`

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const logins: readonly (string | undefined)[] = [
  undefined,
  basic('alice:secret'),
  basic('bob:secret'),
  basic('bob:secret').replace('Basic', 'bASIC'),
  basic('alice:Secret'),
  basic('alice:'),
  basic('alice'),
  basic(':secret'),
  basic('mallory:secret'),
  'Basic secret',
  'Bearer secret',
]

describeWithServers('a listener of promline beside the real node_exporter', ['node-exporter'], () => {
  for (const clientAuth of ['RequireAndVerifyClientCert', 'VerifyClientCertIfGiven', 'RequireAnyClientCert']) {
    test(`takes the same web.config file and lets the same clients in (${clientAuth})`, async () => {
      const file = join(await temporaryFolder(), 'web.yml')
      await writeFile(file, webConfig(clientAuth))
      const theirs = await started(startNodeExporter(file))
      const listener = await createHttpListener({
        name: 'ours',
        listen: '127.0.0.1:0',
        webConfig: webConfigFile(file),
        handler: (_, response) => answer(response, 200, 'hello'),
      })
      afterTest(() => listener.close({ deadlineMs: 0 }))
      for (const certificate of [undefined, 'client', 'expired']) {
        const options = certificate === undefined ? {} : pair(certificate)
        for (const authorization of logins) {
          const headers = authorization === undefined ? {} : { authorization }
          const [real, ours] = await Promise.all([theirs.url, listener.url].map((url) => ask(url, { ...options, headers })))
          expect([certificate, authorization, ours]).toEqual([certificate, authorization, real])
        }
      }
    })
  }
})

/** What came of it: the status and a header, or that nobody was let in. A refused certificate is an alert in Go, and an answer with 403 here. */
async function ask(url: string, options: RequestOptions): Promise<string> {
  const asking = request(url, { ca, agent: false, ...options })
  try {
    asking.end()
    const [response] = await once(asking, 'response')
    response.resume()
    return response.statusCode === 403 ? 'refused' : `${response.statusCode} ${response.headers['x-frame-options']}`
  } catch {
    return 'refused'
  }
}

async function startNodeExporter(webConfigPath: string): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await createServerFolder('node-exporter')
  const port = await freePort()
  const args = [`--web.listen-address=127.0.0.1:${port}`, `--web.config.file=${webConfigPath}`, '--log.level=error']
  const process = await startServer({
    name: 'node_exporter',
    program: serverPath('node-exporter'),
    args,
    folder,
    ready: () => listens(port),
  })
  return { url: `https://127.0.0.1:${port}/`, stop: () => process.stop() }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port })
  await once(socket, 'connect')
  socket.destroy()
  return true
}
