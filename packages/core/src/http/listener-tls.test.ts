import { once } from 'node:events'
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import type { RequestOptions } from 'node:https'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect, type ConnectionOptions } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { answer } from './answer.js'
import { parseSubjectAltName } from './client-certificate.js'
import { createHttpListener, type HttpListener, type HttpListenerOptions } from './listener.js'
import { Secret } from './secret.js'
import { getSecurely, pathOf, readTestFile, shownName } from './secure-client.test.helper.js'
import type { ServerTlsOptions } from './server-tls-options.js'

const ca = readTestFile('ca.pem')
const pair = (name: string) => ({ cert: readTestFile(`${name}.pem`), key: readTestFile(`${name}.key`) })
const files = (name: string): ServerTlsOptions => ({ certFile: pathOf(`${name}.pem`), keyFile: pathOf(`${name}.key`) })
const own = files('server')
const clientCa = { clientCaFile: pathOf('ca.pem') }

const cleanups: (() => unknown)[] = []
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promline-'))
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  await rm(folder, { recursive: true })
})

async function serve(options: Partial<HttpListenerOptions>): Promise<HttpListener> {
  const handler: HttpListenerOptions['handler'] = (request, response) => answer(response, 200, `hello at ${request.url}`)
  const listener = await createHttpListener({ name: 'test', listen: '127.0.0.1:0', handler, ...options })
  cleanups.push(() => listener.close({ deadlineMs: 0 }))
  return listener
}

describe('a listener with TLS', () => {
  test('says so in its URL, and serves', async () => {
    const { url } = await serve({ tls: own })
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    expect(await getSecurely(`${url}/x`)).toBe('200 hello at /x')
    const { url: inPlace } = await serve({ tls: { cert: pair('server').cert, key: new Secret(pair('server').key) } })
    expect(await getSecurely(inPlace)).toBe('200 hello at /')
  })

  const served = /^200 hello at \/$/
  const refused = /^(EPROTO|ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION)$/
  const versions: [tls: Partial<ServerTlsOptions>, client: RequestOptions, expected: RegExp][] = [
    [{}, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }, refused],
    [{}, { maxVersion: 'TLSv1.2' }, served],
    [{}, { minVersion: 'TLSv1.3' }, served],
    [{ minVersion: 'TLSv1.3' }, { maxVersion: 'TLSv1.2' }, refused],
    [{ maxVersion: 'TLSv1.2' }, { minVersion: 'TLSv1.3' }, refused],
  ]
  test.each(versions)('%j for %j', async (tls, client, expected) => {
    const { url } = await serve({ tls: { ...own, ...tls } })
    expect(await getSecurely(url, client)).toMatch(expected)
  })

  const none = '403 the client gave no certificate'
  const expired = "403 the client's certificate is refused: the certificate has expired"
  const unknown = "403 the client's certificate is refused: the certificate is signed by an unknown CA"
  const otherName = "403 the client's certificate has none of the allowed names"
  const clients: [tls: ServerTlsOptions, client: 'nothing' | 'client' | 'expired', expected: string][] = [
    [{ clientAuth: 'request' }, 'nothing', '200 hello at /'],
    [{ clientAuth: 'request' }, 'expired', '200 hello at /'],
    [{ clientAuth: 'require-any' }, 'nothing', none],
    [{ clientAuth: 'require-any' }, 'expired', '200 hello at /'],
    [{ clientAuth: 'verify-if-given', ...clientCa }, 'nothing', '200 hello at /'],
    [{ clientAuth: 'verify-if-given', ...clientCa }, 'client', '200 hello at /'],
    [{ clientAuth: 'verify-if-given', ...clientCa }, 'expired', expired],
    [{ clientAuth: 'require-and-verify', ...clientCa }, 'nothing', none],
    [{ clientAuth: 'require-and-verify', ...clientCa }, 'client', '200 hello at /'],
    [{ clientAuth: 'require-and-verify', ...clientCa }, 'expired', expired],
    [{ clientAuth: 'require-and-verify', clientCaFile: pathOf('other-host.pem') }, 'client', unknown],
    [{ clientAuth: 'require-and-verify', ...clientCa, clientAllowedSans: ['other', 'client'] }, 'client', '200 hello at /'],
    [{ clientAuth: 'require-and-verify', ...clientCa, clientAllowedSans: ['Client', 'clien'] }, 'client', otherName],
  ]
  test.each(clients)('%j, and the client gives %s', async (tls, client, expected) => {
    const { url } = await serve({ tls: { ...own, ...tls } })
    expect(await getSecurely(url, client === 'nothing' ? {} : pair(client))).toBe(expected)
  })

  test('says in the log why it refuses a client', async () => {
    const logged: string[] = []
    const log = (_: object, message: string): void => void logged.push(message)
    const logger = { debug() {}, info: log, warn: log, error: log }
    const clientAuth = 'require-and-verify'
    const { url } = await serve({ tls: { ...own, ...clientCa, clientAuth, clientAllowedSans: ['prometheus'] }, logger })
    await getSecurely(url, pair('client'))
    const { url: any } = await serve({ tls: { ...own, clientAuth: 'require-any' }, logger })
    await getSecurely(any)
    const { url: given } = await serve({ tls: { ...own, ...clientCa, clientAuth: 'verify-if-given' }, logger })
    await getSecurely(given, pair('expired'))
    expect(logged).toEqual([
      "test: a connection is refused: the client's certificate has none of the allowed names",
      'test: a connection is refused: the client gave no certificate',
      "test: a connection is refused: the client's certificate is refused: the certificate has expired",
    ])
  })

  test('is not deceived by a session that is resumed', async () => {
    const { url } = await serve({ tls: { ...own, ...clientCa, clientAuth: 'require-and-verify' } })
    const port = Number(new URL(url).port)
    const ask = async (options: ConnectionOptions): Promise<{ status: string; session: Buffer | undefined; reused: boolean }> => {
      const socket = connect({ host: '127.0.0.1', port, ca, ...options })
      let session: Buffer | undefined
      socket.on('session', (ticket: Buffer) => {
        session = ticket
      })
      await once(socket, 'secureConnect')
      const reused = socket.isSessionReused()
      socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
      const [status = ''] = (await text(socket)).split('\r\n', 1)
      return { status, session, reused }
    }
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      for (const given of [{}, pair('expired')]) {
        const first = await ask({ maxVersion, ...given })
        const again = await ask({ maxVersion, ...given, ...(first.session !== undefined && { session: first.session }) })
        expect([first.status, again.status]).toEqual(['HTTP/1.1 403 Forbidden', 'HTTP/1.1 403 Forbidden'])
      }
      const proven = await ask({ maxVersion, ...pair('client') })
      const resumed = await ask({ maxVersion, ...pair('client'), ...(proven.session !== undefined && { session: proven.session }) })
      expect([proven.status, resumed.status]).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK'])
      expect(resumed.reused).toBe(true)
    }
  })

  test('sees files that have changed with the next client, and keeps the old ones while the new do not fit', async () => {
    const logged: string[] = []
    const log = (_: object, message: string): void => void logged.push(message)
    const certFile = join(folder, 'tls.crt')
    const keyFile = join(folder, 'tls.key')
    await copyFile(pathOf('server.pem'), certFile)
    await copyFile(pathOf('server.key'), keyFile)
    const { url } = await serve({ tls: { certFile, keyFile }, logger: { debug() {}, info: log, warn: log, error: log } })
    expect(await shownName(url)).toBe('server')
    await copyFile(pathOf('other-host.pem'), certFile)
    expect(await Promise.all(Array.from({ length: 10 }, () => shownName(url)))).toEqual(Array.from({ length: 10 }, () => 'server'))
    await copyFile(pathOf('other-host.key'), keyFile)
    expect(await shownName(url)).toBe('other-host')
    await rm(keyFile)
    expect(await shownName(url)).toBe('other-host')
    expect(logged).toEqual([
      `test: TLS goes on with what it had: the key ${keyFile} does not belong to the certificate ${certFile}`,
      'test: TLS goes on with files that have changed',
      `test: TLS goes on with what it had: cannot read the key file: ENOENT: no such file or directory, stat '${keyFile}'`,
    ])
  })

  test('outlives those who do not speak TLS', async () => {
    const { url } = await serve({ tls: own })
    const { port } = new URL(url)
    for (const said of ['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01\xff\xff', '']) {
      const socket = connectTcp({ host: '127.0.0.1', port: Number(port) })
      socket.on('error', () => {}).end(said)
      socket.resume()
      await once(socket, 'close')
    }
    expect(await getSecurely(url)).toBe('200 hello at /')
  })

  test('ends handshakes that take too long', async () => {
    const { url } = await serve({ tls: own, headersTimeoutMs: 100 })
    const socket = connectTcp({ host: '127.0.0.1', port: Number(new URL(url).port) })
    socket.on('error', () => {})
    socket.resume()
    await once(socket, 'close')
  })

  test('closes with connections open', async () => {
    const listener = await serve({ tls: own })
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(listener.url).port), ca })
    await once(socket, 'secureConnect')
    const closed = once(socket, 'close')
    await listener.close({ deadlineMs: 10 })
    socket.resume()
    await closed
  })

  test('closes by its deadline with clients that do not begin, or were turned away', async () => {
    const listener = await serve({ tls: { ...own, clientAuth: 'require-any' } })
    const address = { host: '127.0.0.1', port: Number(new URL(listener.url).port) }
    const silent = connectTcp(address)
    const refused = connect({ ...address, ca })
    const closed = [silent, refused].map((socket) => once(socket.on('error', () => {}).resume(), 'close'))
    await once(refused, 'secureConnect')
    const startMs = performance.now()
    await listener.close({ deadlineMs: 10 })
    // A handshake may take 10 s, and reading why one is refused 2 s.
    expect(performance.now() - startMs).toBeLessThan(1500)
    await Promise.all(closed)
  })

  const unusable: [tls: ServerTlsOptions, error: { code: string; message: string | RegExp }][] = [
    [{}, { code: 'options', message: 'TLS needs a certificate: cert or certFile' }],
    [{ cert: 'x' }, { code: 'options', message: 'the certificate needs its key: key or keyFile' }],
    [
      { ...own, cert: 'x' },
      { code: 'options', message: 'cert and certFile exclude each other' },
    ],
    [
      { ...own, ...clientCa },
      { code: 'options', message: "a CA for clients is given, and clientAuth asks for no clients' certificates" },
    ],
    [
      { ...own, clientAuth: 'require-and-verify' },
      { code: 'options', message: 'clientAuth require-and-verify needs a CA for clients: clientCa or clientCaFile' },
    ],
    [
      { ...own, clientAllowedSans: ['a'] },
      { code: 'options', message: 'clientAllowedSans needs clientAuth require-and-verify' },
    ],
    [
      { ...own, maxVersion: 'TLSv1.1' },
      { code: 'options', message: 'maxVersion TLSv1.1 is below minVersion TLSv1.2' },
    ],
    [
      { ...own, keyFile: '/nonexistent/key' },
      { code: 'tls', message: "cannot read the key file: ENOENT: no such file or directory, stat '/nonexistent/key'" },
    ],
    [
      { ...own, keyFile: pathOf('client.key') },
      { code: 'tls', message: `the key ${pathOf('client.key')} does not belong to the certificate ${pathOf('server.pem')}` },
    ],
    [
      { ...own, keyFile: pathOf('server.pem') },
      { code: 'tls', message: `the key ${pathOf('server.pem')} is not a private key in PEM` },
    ],
    [
      { ...own, certFile: pathOf('server.key') },
      { code: 'tls', message: /^test: the certificate \S+server\.key is not a certificate in PEM: / },
    ],
    [
      { ...own, clientAuth: 'require-and-verify', clientCa: 'x' },
      { code: 'tls', message: /^test: the clients' CA is not a certificate in PEM: / },
    ],
  ]
  test.each(unusable)('refuses %j', async (tls, { code, message }) => {
    const expected = typeof message === 'string' ? `test: ${message}` : expect.stringMatching(message)
    await expect(serve({ tls })).rejects.toMatchObject({ code, message: expected })
  })
})

test.each<[text: string, names: string[]]>([
  ['', []],
  ['DNS:client', ['client']],
  ['DNS:a.example, IP Address:10.0.0.1, email:a@b.example, URI:spiffe://a/b', ['a.example', '10.0.0.1', 'a@b.example', 'spiffe://a/b']],
  ['DNS:"a, DNS:admin", DNS:b', ['a, DNS:admin', 'b']],
  ['othername:<unsupported>, DNS:b', ['b']],
  ['othername:UPN::DNS:admin', []],
])('the names in %j', (text, names) => {
  expect(parseSubjectAltName(text)).toEqual(names)
})
