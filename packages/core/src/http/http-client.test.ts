import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { IncomingHttpHeaders } from 'node:http'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { HttpClientOptions } from './client-options.js'
import { Secret } from './secret.js'
import {
  atEnd,
  createClient as createClientOf,
  failure,
  get,
  listen,
  serveHttp,
  serveRaw,
  textOf,
  transports,
} from './servers.test.helper.js'

describe.each(transports)('good servers over %s', (_name, transport) => {
  const createClient = (options: HttpClientOptions = {}) => createClientOf({ ...transport, ...options })

  test('gives status, headers and body, whatever the status', async () => {
    const url = await serveHttp((_request, response) => {
      response.writeHead(503, { 'X-Twice': ['a', 'b'], 'retry-after': '2' }).end('busy')
    })
    const response = await get(createClient(), `${url}/x`)
    expect(response).toMatchObject({ status: 503, headers: { 'x-twice': 'a, b', 'retry-after': '2' } })
    expect(textOf(response)).toBe('busy')
  })

  test('sends method, path, query, body and headers; the request may set its own', async () => {
    let seen: object | undefined
    const url = await serveHttp((request, response) => {
      text(request).then(
        (body) => {
          seen = { method: request.method, url: request.url, headers: request.headers, body }
          response.end()
        },
        () => response.destroy(),
      )
    })
    const client = createClient({ headers: { 'X-Scope-OrgID': 'tenant', 'X-Key': new Secret('k') } })
    const headers = { 'Content-Type': 'text/x', 'accept-encoding': 'identity' }
    await client.request({
      method: 'POST',
      url: `${url}/a%20b?c=d&e=%26`,
      headers,
      body: Buffer.from('hello'),
      timeoutMs: 10_000,
      maxBodyBytes: 100,
    })
    expect(seen).toMatchObject({
      method: 'POST',
      url: '/a%20b?c=d&e=%26',
      body: 'hello',
      headers: {
        'user-agent': 'promline/test',
        'accept-encoding': 'identity',
        'content-type': 'text/x',
        'content-length': '5',
        'x-scope-orgid': 'tenant',
        'x-key': 'k',
      },
    })
  })

  test('inflates gzip, in several members too, and asks for it', async () => {
    const url = await serveHttp((request, response) => {
      const body = Buffer.concat([gzipSync(`${request.headers['accept-encoding']} `), gzipSync('twice')])
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(body)
    })
    expect(textOf(await get(createClient(), url))).toBe('gzip twice')
  })

  test('an empty answer is not broken gzip', async () => {
    const url = await serveHttp((_request, response) => response.writeHead(204, { 'content-encoding': 'gzip' }).end())
    expect((await get(createClient(), url)).body.length).toBe(0)
  })

  test('keeps connections, and tries once more where a kept one was closed', async () => {
    const sockets = new Set<Socket>()
    let connections = 0
    let requests = 0
    const server = createTcpServer((socket) => {
      connections++
      let onThisSocket = 0
      socket.on('data', () => {
        requests++
        // The second request on a connection finds it closed, as with a server whose idle timeout has just passed.
        if (++onThisSocket > 1) socket.end()
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
      })
    })
    const url = await listen(server, sockets)
    const client = createClient()
    expect(textOf(await get(client, url))).toBe('ok')
    await nextTurn() // until then the connection counts as busy
    expect(textOf(await get(client, url))).toBe('ok')
    expect({ connections, requests }).toEqual({ connections: 2, requests: 3 })
  })

  test('is closed once', async () => {
    const client = createClient()
    await client.close()
    await client.close()
    expect(await failure(get(client, 'http://127.0.0.1:1/'))).toBe('closed: the HTTP client is closed')
  })
})

describe.each(transports)('credentials over %s', (_name, transport) => {
  const createClient = (options: HttpClientOptions = {}) => createClientOf({ ...transport, ...options })

  const echo = () => serveHttp((request, response) => response.end(request.headers.authorization ?? 'none'))
  const value = (text: string) => ({ value: new Secret(text) })

  const cases: [options: HttpClientOptions, userInfo: string, expected: string][] = [
    [{}, '', 'none'],
    [{ basicAuth: { username: 'ä', password: value('p:w') } }, '', `Basic ${Buffer.from('ä:p:w').toString('base64')}`],
    [{ authorization: { credentials: value('t') } }, '', 'Bearer t'],
    [{ authorization: { type: 'Token', credentials: value('t') } }, '', 'Token t'],
    [{}, 'user:p%40ss@', `Basic ${Buffer.from('user:p@ss').toString('base64')}`],
    [{ authorization: { credentials: value('t') } }, 'user:pass@', 'Bearer t'],
  ]
  test.each(cases)('%j', async (options, userInfo, expected) => {
    const url = await echo()
    expect(textOf(await get(createClient(options), url.replace('//', `//${userInfo}`)))).toBe(expected)
  })

  test('files are read again when they change', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'promline-'))
    atEnd(() => rm(folder, { recursive: true }))
    const file = join(folder, 'token')
    const url = await echo()
    const client = createClient({ authorization: { credentials: { file } } })
    expect(await failure(get(client, url))).toBe(
      `unavailable: ${url}/: cannot read the credentials: ENOENT: no such file or directory, stat '${file}'`,
    )
    await writeFile(file, 'one\n')
    expect(textOf(await get(client, url))).toBe('Bearer one')
    await writeFile(file, 'two-longer\r\n')
    expect(textOf(await get(client, url))).toBe('Bearer two-longer')
    await writeFile(file, 'can\nary')
    expect(await failure(get(client, url))).toBe(
      `options: ${url}/: the credentials are empty or hold characters that a header cannot carry`,
    )
  })
})

describe.each(transports)('redirects over %s', (_name, transport) => {
  const createClient = (options: HttpClientOptions = {}) => createClientOf({ ...transport, ...options })

  const seenHeaders: IncomingHttpHeaders[] = []
  const secrets: HttpClientOptions = {
    followRedirects: true,
    authorization: { credentials: { value: new Secret('canary') } },
    headers: { 'X-Scope-OrgID': 'canary' },
  }
  const redirectTo = (location: () => string, status = 302) =>
    serveHttp((_request, response) => response.writeHead(status, { location: location() }).end())
  const target = () => {
    seenHeaders.length = 0
    return serveHttp((request, response) => {
      seenHeaders.push(request.headers)
      response.end('there')
    })
  }

  test('are not followed unless that is wanted', async () => {
    const url = await redirectTo(() => '/elsewhere')
    expect(await get(createClient(), url)).toMatchObject({ status: 302, headers: { location: '/elsewhere' } })
  })

  test.each([301, 302, 303, 307, 308])('%i is followed within the origin, with everything', async (status) => {
    seenHeaders.length = 0
    const url = await serveHttp((request, response) => {
      if (request.url === '/a/b') {
        seenHeaders.push(request.headers)
        response.end('there')
      } else response.writeHead(status, { location: 'b' }).end()
    })
    expect(textOf(await get(createClient(secrets), `${url}/a/x?q=1`))).toBe('there')
    expect(seenHeaders[0]).toMatchObject({ authorization: 'Bearer canary', 'x-scope-orgid': 'canary' })
  })

  test('credentials and configured headers do not leave the origin', async () => {
    const there = await target()
    const url = await redirectTo(() => `${there}/x`)
    const response = await get(createClient(secrets), url, { headers: { accept: 'text/plain' } })
    expect(textOf(response)).toBe('there')
    expect(JSON.stringify(seenHeaders)).not.toContain('canary')
    expect(seenHeaders[0]).toMatchObject({ accept: 'text/plain', 'user-agent': 'promline/test' })
  })

  test('nor do they come back: another origin must not steer them', async () => {
    seenHeaders.length = 0
    const home = await serveHttp((request, response) => {
      if (request.url === '/back') {
        seenHeaders.push(request.headers)
        response.end('back')
      } else response.writeHead(302, { location: `${other}/` }).end()
    })
    const other: string = await redirectTo(() => `${home}/back`)
    expect(textOf(await get(createClient(secrets), home))).toBe('back')
    expect(JSON.stringify(seenHeaders)).not.toContain('canary')
  })

  test('user information in a location is not taken as credentials', async () => {
    const there = await target()
    const url = await redirectTo(() => there.replace('//', '//user:pass@'))
    await get(createClient({ followRedirects: true }), url)
    expect(seenHeaders[0]?.authorization).toBeUndefined()
  })

  test('a request with a body is not sent elsewhere', async () => {
    const url = await redirectTo(() => '/x', 307)
    const response = await get(createClient(secrets), url, { method: 'POST', body: Buffer.from('x') })
    expect(response.status).toBe(307)
  })

  test('ten are followed, an eleventh is not', async () => {
    let count = 0
    const url = await serveHttp((_request, response) => response.writeHead(302, { location: `/${++count}` }).end())
    expect(await failure(get(createClient(secrets), url))).toBe(`protocol: ${url}/: more than 10 redirects`)
    expect(count).toBe(11)
  })

  test('a location that is no http URL is refused', async () => {
    const url = await redirectTo(() => 'file:///etc/passwd')
    expect(await failure(get(createClient(secrets), url))).toBe(`protocol: ${url}/: the redirect leads to no http or https URL`)
  })

  test('all of a chain has one deadline', async () => {
    const hung = await serveRaw(() => {})
    const url = await redirectTo(() => hung)
    const request = get(createClient(secrets), url, { timeoutMs: 200 })
    expect(await failure(request)).toBe(`timeout: ${url}/: timed out after 200 ms while waiting for the answer`)
  })
})
