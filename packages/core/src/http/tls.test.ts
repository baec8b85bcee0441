import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { copyFile, mkdtemp, rm, utimes } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type ServerOptions } from 'node:https'
import type { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TLSSocket } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { isPromlineError } from '../model/errors.js'
import type { TlsConfig } from './client-options.js'
import { createHttpClient } from './http-client.js'
import { Secret } from './secret.js'

const pathOf = (name: string) => fileURLToPath(new URL(`testdata/${name}`, import.meta.url))
const read = (name: string) => readFileSync(pathOf(name), 'utf8')
const ca = read('ca.pem')
const client = { cert: read('client.pem'), key: new Secret(read('client.key')) }

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function listen(server: Server & { closeAllConnections(): void }): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanups.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('not listening')
  return address.port
}

/** Answers with the name in the client's certificate. */
function serve(name: string, options: ServerOptions = {}): Promise<number> {
  const server = createServer({ cert: read(`${name}.pem`), key: read(`${name}.key`), ...options }, (request, response) => {
    const { socket } = request
    const name = socket instanceof TLSSocket ? socket.getPeerCertificate().subject?.CN : undefined
    response.end(`hello ${String(name ?? 'nobody')}`)
  })
  server.on('tlsClientError', () => {})
  return listen(server)
}

function request(url: string, tls: TlsConfig): Promise<string> {
  const http = createHttpClient({ tls, followRedirects: true, userAgent: 'promline/test' })
  cleanups.push(() => http.close())
  return http.request({ method: 'GET', url, timeoutMs: 10_000, maxBodyBytes: 10_000 }).then(
    ({ body }) => Buffer.from(body).toString('utf8'),
    (error: unknown) => (isPromlineError(error) ? `${error.code}: ${error.message.replace(`${url}: `, '')}` : String(error)),
  )
}

const cases: [name: string, server: string, options: ServerOptions, tls: TlsConfig, expected: string | RegExp][] = [
  ['a known CA, by address', 'server', {}, { ca }, 'hello nobody'],
  ['a CA in a file', 'server', {}, { caFile: pathOf('ca.pem') }, 'hello nobody'],
  ['an unknown CA', 'server', {}, {}, 'tls: the certificate is signed by an unknown CA'],
  ['expired', 'expired', {}, { ca }, 'tls: the certificate has expired'],
  ['for another host', 'other-host', {}, { ca }, /^tls: the certificate is for another host: .*127\.0\.0\.1.*/],
  ['for another host that is expected', 'other-host', {}, { ca, serverName: 'other.example' }, 'hello nobody'],
  ['verification switched off', 'expired', {}, { insecureSkipVerify: true }, 'hello nobody'],
  ['a client certificate', 'server', { requestCert: true, ca }, { ca, ...client }, 'hello client'],
  [
    'a client certificate in files',
    'server',
    { requestCert: true, ca },
    { ca, certFile: pathOf('client.pem'), keyFile: pathOf('client.key') },
    'hello client',
  ],
  ['a client certificate that is missing', 'server', { requestCert: true, rejectUnauthorized: true, ca }, { ca }, /^(tls|connect): /],
  [
    'a version that the server refuses',
    'server',
    { minVersion: 'TLSv1.3' },
    { ca, maxVersion: 'TLSv1.2' },
    'tls: the peer refuses this TLS version',
  ],
  ['a version that the client refuses', 'server', { maxVersion: 'TLSv1.2' }, { ca, minVersion: 'TLSv1.3' }, /^tls: /],
  [
    'a file that is missing',
    'server',
    {},
    { caFile: '/nonexistent/ca' },
    "tls: cannot read the ca file: ENOENT: no such file or directory, stat '/nonexistent/ca'",
  ],
  ['a CA that is none', 'server', {}, { ca: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----' }, /^tls: /],
]
test.each(cases)('%s', async (...[, server, options, tls, expected]) => {
  const port = await serve(server, options)
  const answer = await request(`https://127.0.0.1:${port}/`, tls)
  if (typeof expected === 'string') expect(answer).toBe(expected)
  else expect(answer).toMatch(expected)
})

test('a server that does not speak TLS', async () => {
  const port = await listen(createHttpServer((_request, response) => response.end()))
  expect(await request(`https://127.0.0.1:${port}/`, { ca })).toBe('tls: the peer does not speak TLS')
})

test('a redirect does not lead out of https', async () => {
  const plain = await listen(createHttpServer((_request, response) => response.end('plain')))
  const server = createServer({ cert: read('server.pem'), key: read('server.key') }, (_request, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:${plain}/?token=canary` }).end()
  })
  const port = await listen(server)
  expect(await request(`https://127.0.0.1:${port}/`, { ca })).toBe(`protocol: the redirect to http://127.0.0.1:${plain} would leave https`)
})

test('another origin does not see the client certificate', async () => {
  const there = await serve('server', { requestCert: true, rejectUnauthorized: false, ca })
  const server = createServer({ cert: read('server.pem'), key: read('server.key') }, (_request, response) => {
    response.writeHead(302, { location: `https://localhost:${there}/` }).end()
  })
  const port = await listen(server)
  expect(await request(`https://127.0.0.1:${port}/`, { ca, ...client })).toBe('hello nobody')
})

test('files are read again when they change', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'promline-'))
  cleanups.push(() => rm(folder, { recursive: true }))
  const caFile = join(folder, 'ca.pem')
  await copyFile(pathOf('server.pem'), caFile)
  const port = await serve('server')
  const http = createHttpClient({ tls: { caFile }, userAgent: 'promline/test' })
  cleanups.push(() => http.close())
  const send = () => http.request({ method: 'GET', url: `https://127.0.0.1:${port}/`, timeoutMs: 10_000, maxBodyBytes: 10_000 })
  await expect(send()).rejects.toMatchObject({ code: 'tls' })
  await copyFile(pathOf('ca.pem'), caFile)
  expect((await send()).status).toBe(200)
  // Many requests at one time, while the file changes between any two of them.
  const statuses: number[] = []
  for (let round = 0; round < 5; round++) {
    await utimes(caFile, new Date(), new Date(round * 1000))
    const together = await Promise.all(Array.from({ length: 10 }, send))
    statuses.push(...together.map(({ status }) => status))
  }
  expect(statuses).toEqual(Array.from({ length: 50 }, () => 200))
})
