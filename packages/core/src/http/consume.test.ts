import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { HttpClientOptions, HttpResponseHead } from './client-options.js'
import { createClient as createClientOf, failure, get, serveHttp, serveRaw, textOf, transports } from './servers.test.helper.js'

describe.each(transports)('bodies that are read as they arrive, over %s', (_name, transport) => {
  const createClient = (options: HttpClientOptions = {}) => createClientOf({ ...transport, ...options })
  const body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => `line ${i}\n`).join(''))
  /** Serves the body at `/`, compressed at `/gzip`, in chunks at `/chunked`. */
  const serveBody = () =>
    serveHttp((request, response) => {
      if (request.url === '/gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(body))
      else if (request.url === '/chunked') {
        for (let at = 0; at < body.length; at += 10_000) response.write(body.subarray(at, at + 10_000))
        response.end()
      } else response.writeHead(200, { 'content-length': body.length }).end(body)
    })

  test.each(['/', '/gzip', '/chunked'])('%s comes whole, in order, decompressed', async (path) => {
    const pieces: Buffer[] = []
    const heads: HttpResponseHead[] = []
    const response = await get(createClient(), `${await serveBody()}${path}`, {
      maxBodyBytes: 10_000_000,
      consume: (head) => {
        heads.push(head)
        return (piece) => void pieces.push(Buffer.from(piece))
      },
    })
    expect(Buffer.concat(pieces).equals(body)).toBe(true)
    expect(pieces.length).toBeGreaterThan(1)
    expect(heads).toEqual([{ status: response.status, headers: response.headers }])
    expect(response.body.length).toBe(0)
  })

  test.each(['/', '/gzip', '/chunked'])('%s waits for a consumer that needs time', async (path) => {
    const pieces: Buffer[] = []
    let isBusy = false
    const consume = () => async (piece: Uint8Array) => {
      expect(isBusy).toBe(false)
      isBusy = true
      await sleep(1)
      pieces.push(Buffer.from(piece)) // at the end of the time for which it is lent
      isBusy = false
    }
    await get(createClient(), `${await serveBody()}${path}`, { maxBodyBytes: 10_000_000, consume })
    expect(Buffer.concat(pieces).equals(body)).toBe(true)
  })

  test('what a consumer holds stays as it is while others read', async () => {
    const url = await serveHttp((request, response) => response.end(Buffer.alloc(100_000, String(request.url).slice(1))))
    const client = createClient()
    let release: () => void = () => {}
    const held: Uint8Array[] = []
    const slow = get(client, `${url}/a`, {
      consume: () => (piece) => {
        held.push(piece)
        return held.length > 1 ? undefined : new Promise((resolve) => (release = resolve))
      },
    })
    await expect.poll(() => held.length).toBe(1)
    const others = await Promise.all(['b', 'c', 'd'].map((name) => get(client, `${url}/${name}`)))
    expect(others.map((other) => textOf(other))).toEqual(['b', 'c', 'd'].map((name) => name.repeat(100_000)))
    expect(Buffer.from(held[0] ?? []).toString()).toBe('a'.repeat(held[0]?.length ?? 0))
    release()
    await slow
  })

  test('a body that is not wanted piece by piece is gathered', async () => {
    const url = await serveHttp((_request, response) => response.writeHead(404).end('no such page'))
    const response = await get(createClient(), url, { consume: (head) => (head.status === 200 ? () => expect.unreachable() : undefined) })
    expect([response.status, textOf(response)]).toEqual([404, 'no such page'])
  })

  test('only the end of a chain of redirects is asked about', async () => {
    const url = await serveHttp((request, response) => {
      if (request.url === '/there') response.end('there')
      else response.writeHead(302, { location: '/there' }).end('moved')
    })
    const seen: unknown[] = []
    const consume = (head: HttpResponseHead) => {
      seen.push(head.status)
      return (piece: Uint8Array) => void seen.push(Buffer.from(piece).toString())
    }
    await get(createClient({ followRedirects: true }), url, { consume })
    expect(seen).toEqual([200, 'there'])
    await get(createClient(), url, { consume })
    expect(seen).toEqual([200, 'there', 302, 'moved'])
  })

  const mistake = new Error('a mistake of the consumer')
  const failing: [when: string, consume: () => (piece: Uint8Array) => void | Promise<void>][] = [
    ['is asked', () => fail()],
    ['is given a piece', () => () => fail()],
    ['has worked on it', () => () => Promise.reject(mistake)],
  ]
  const fail = (): never => {
    throw mistake
  }
  describe.each(['/', '/gzip', '/chunked'])('%s', (path) => {
    test.each(failing)('a consumer that throws when it %s ends the request with what it threw', async (_when, consume) => {
      const client = createClient()
      const url = await serveBody()
      await expect(get(client, `${url}${path}`, { maxBodyBytes: 10_000_000, consume })).rejects.toBe(mistake)
      expect((await get(client, `${url}${path}`, { maxBodyBytes: 10_000_000 })).body.length).toBe(body.length)
    })

    test('the limit ends the request before the piece that reaches it', async () => {
      let size = 0
      const consume = () => (piece: Uint8Array) => {
        size += piece.length
      }
      const url = await serveBody()
      const request = get(createClient(), `${url}${path}`, { maxBodyBytes: body.length, consume })
      expect(await failure(request)).toBe(`limit: ${url}${path}: the body reaches the limit of ${body.length} bytes`)
      expect(size).toBeLessThan(body.length)
    })
  })

  test('a consumer that hangs is under the deadline as well', async () => {
    const url = await serveBody()
    const request = get(createClient(), url, { timeoutMs: 200, maxBodyBytes: 10_000_000, consume: () => () => new Promise(() => {}) })
    expect(await failure(request)).toBe(`timeout: ${url}/: timed out after 200 ms while reading the body`)
  })

  test.each(['is asked', 'is given a piece'])('a caller that gives up when it %s gets no more', async (when) => {
    const url = await serveBody()
    const controller = new AbortController()
    let pieces = 0
    const consume = () => {
      if (when === 'is asked') controller.abort()
      return () => {
        pieces++
        controller.abort()
      }
    }
    const request = get(createClient(), url, { signal: controller.signal, maxBodyBytes: 10_000_000, consume })
    expect(await failure(request)).toBe(`unavailable: ${url}/: given up by the caller`)
    await new Promise((resolve) => setImmediate(resolve))
    expect(pieces).toBe(when === 'is asked' ? 0 : 1)
  })

  test('an answer that drips byte by byte', async () => {
    const bytes = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n02;x\r\nde\r\n0\r\nt: u\r\n\r\n')
    const url = await serveRaw((socket) => {
      let sent = 0
      const drip = () => {
        if (sent < bytes.length) socket.write(bytes.subarray(sent, ++sent), () => setImmediate(drip))
      }
      drip()
    })
    expect(textOf(await get(createClient(), url))).toBe('abcde')
  })
})
