import { readdirSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ChaosProxy, type ChaosRules, createChaosProxy } from './index.js'

/** What a peer saw of its connection. */
class Peer {
  readonly #socket: Socket
  readonly #watchers = new Set<() => void>()
  readonly #chunks: Buffer[] = []
  #length = 0
  end = false
  closed = false
  error: string | undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (bytes) => {
      this.#chunks.push(bytes)
      this.#note(() => (this.#length += bytes.length))
    })
    socket.on('end', () => this.#note(() => (this.end = true)))
    socket.on('error', (error) => this.#note(() => (this.error = 'code' in error ? String(error.code) : error.message)))
    socket.on('close', () => this.#note(() => (this.closed = true)))
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  get text(): string {
    return this.bytes.toString('latin1')
  }

  write(bytes: string | Buffer): this {
    this.#socket.write(bytes)
    return this
  }

  finish(): void {
    this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  get length(): number {
    return this.#length
  }

  async until(condition: (peer: this) => boolean): Promise<this> {
    while (!condition(this)) {
      await new Promise<void>((resolve) => void this.#watchers.add(resolve))
    }
    return this
  }

  #note(what: () => void): void {
    what()
    for (const watcher of this.#watchers) watcher()
    this.#watchers.clear()
  }
}

/** Turns of the event loop in which loopback would have moved anything that is allowed to move. */
async function manyTurns(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setTimeout(resolve, 1))
}

const served: Peer[] = []
/** The target writes back what it gets, in capitals. */
const target = createServer({ allowHalfOpen: true }, (socket) => {
  served.push(new Peer(socket))
  socket.on('data', (bytes) => socket.writable && socket.write(bytes.toString('latin1').toUpperCase(), 'latin1'))
  socket.on('end', () => socket.end())
})
let proxy: ChaosProxy
const clients: Peer[] = []

beforeEach(async () => {
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
  proxy = await start()
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  for (const peer of served.splice(0)) peer.destroy()
  await proxy.close()
  await new Promise((resolve) => target.close(resolve))
})

function targetPort(): number {
  const address = target.address()
  return address !== null && typeof address === 'object' ? address.port : 0
}

function start(rules: ChaosRules = {}, random: () => number = () => 0.5): Promise<ChaosProxy> {
  return createChaosProxy({ target: { port: targetPort() }, rules, random })
}

function open(port = proxy.port): Peer {
  const client = new Peer(connect({ host: '127.0.0.1', port, allowHalfOpen: true }))
  clients.push(client)
  return client
}

async function echoed(client: Peer, text: string): Promise<Peer> {
  return client.write(text).until((peer) => peer.text.endsWith(text.toUpperCase()))
}

describe('createChaosProxy()', () => {
  it('without rules hands on bytes and half-closes, both ways', async () => {
    const client = await echoed(open(), 'hello')
    client.write(' again').finish()
    await client.until((peer) => peer.closed)
    expect([client.text, client.error, client.end]).toEqual(['HELLO AGAIN', undefined, true])
    expect([proxy.opened, proxy.connections]).toEqual([1, 0])
  })

  it('carries megabytes under back-pressure without altering one byte', async () => {
    const sent = Buffer.alloc(8_000_000, 'The quick brown fox. ')
    const client = open().write(sent)
    await client.until((peer) => peer.length === sent.length)
    expect(client.bytes.equals(Buffer.from(sent.toString('latin1').toUpperCase(), 'latin1'))).toBe(true)
  })

  it.each<[ChaosRules, string]>([
    [{ latencyMs: -1 }, 'chaos rule latencyMs must be at least 0, not -1'],
    [{ jitterMs: Number.NaN }, 'chaos rule jitterMs must be at least 0, not NaN'],
    [{ bytesPerSecond: 0 }, 'chaos rule bytesPerSecond must be at least 1, not 0'],
    [{ cutAfterBytes: -5 }, 'chaos rule cutAfterBytes must be at least 0, not -5'],
    [{ corrupt: 0 }, 'chaos rule corrupt must be at least 1, not 0'],
  ])('refuses %o', async (rules, message) => {
    expect(() => proxy.set(rules)).toThrow(message)
    await expect(start(rules)).rejects.toThrow(message)
  })

  it('says where it cannot listen', async () => {
    const taken = { target: { port: targetPort() }, listen: { port: proxy.port } }
    await expect(createChaosProxy(taken)).rejects.toThrow(`the chaos proxy cannot listen on 127.0.0.1:${proxy.port}: listen EADDRINUSE`)
  })

  it('resets the client of a target that is not there', async () => {
    const nobody = await createChaosProxy({ target: { port: 1 } })
    const client = await open(nobody.port).until((peer) => peer.closed)
    expect(client.error).toBe('ECONNRESET')
    await nobody.close()
  })
})

describe('latency and rate', () => {
  it('delays both ways, and keeps order under jitter', async () => {
    let turn = 0
    // Every other read is drawn to be much later than the one behind it.
    proxy = await start({ latencyMs: 20, jitterMs: 30 }, () => (turn++ % 2 === 0 ? 0.99 : 0))
    const begun = performance.now()
    const client = open()
    let sent = ''
    for (let i = 0; i < 40; i++) {
      sent += `part ${i};`
      client.write(`part ${i};`)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await client.until((peer) => peer.length === sent.length)
    expect(client.text).toBe(sent.toUpperCase())
    expect(performance.now() - begun).toBeGreaterThanOrEqual(40)
  })

  it('delays one way alone', async () => {
    proxy = await start({ latencyMs: 3_600_000, direction: 'response' })
    open().write('in')
    while (served.length === 0) await manyTurns()
    await served[0]!.until((peer) => peer.text === 'in')
  })

  it('keeps to a rate, and lets everything go when it ends', async () => {
    proxy.set({ bytesPerSecond: 100_000, direction: 'request' })
    const begun = performance.now()
    const client = open().write(Buffer.alloc(10_000, 'x'))
    await client.until((peer) => peer.length === 10_000)
    expect(performance.now() - begun).toBeGreaterThanOrEqual(100)
    proxy.set({ bytesPerSecond: 1 })
    client.write(Buffer.alloc(3_000_000, 'y'))
    await manyTurns()
    expect(client.bytes.length).toBe(10_000)
    proxy.set({})
    await client.until((peer) => peer.length === 3_010_000)
    expect(client.text).toBe('X'.repeat(10_000) + 'Y'.repeat(3_000_000))
  })
})

describe('a shared line', () => {
  it('carries no more for several connections than for one', async () => {
    proxy.set({ bytesPerSecond: 100_000, sharedLine: true, direction: 'request' })
    const begun = performance.now()
    const both = [open(), open()].map((client) => client.write(Buffer.alloc(10_000, 'x')))
    await Promise.all(both.map((client) => client.until((peer) => peer.length === 10_000)))
    expect(performance.now() - begun).toBeGreaterThanOrEqual(200)
  })
})

describe('cut', () => {
  it('lets exactly so many bytes of the request through, then closes both ends', async () => {
    proxy.set({ cutAfterBytes: 7 })
    const client = await echoed(open(), 'abc')
    client.write('defghij')
    await client.until((peer) => peer.closed || peer.end)
    await served[0]!.until((peer) => peer.end || peer.closed)
    expect(served[0]!.text).toBe('abcdefg')
  })

  it('counts from the rule on', async () => {
    const client = await echoed(open(), 'before')
    proxy.set({ cutAfterBytes: 4 })
    client.write('012345')
    await served[0]!.until((peer) => peer.end || peer.closed)
    expect(served[0]!.text).toBe('before0123')
  })

  it('cuts a response', async () => {
    proxy.set({ cutAfterBytes: 2, direction: 'response' })
    const client = await open()
      .write('abcdef')
      .until((peer) => peer.end || peer.closed)
    expect(client.text).toBe('AB')
  })

  it('loses a response of which the target had the request', async () => {
    proxy.set({ dropResponses: true })
    const client = await open()
      .write('abcdef')
      .until((peer) => peer.end || peer.closed)
    expect([client.text, served[0]!.text]).toEqual(['', 'abcdef'])
    proxy.set({})
    expect((await echoed(open(), 'well')).text).toBe('WELL')
  })
})

describe('reset and refuse', () => {
  it('resets at connect', async () => {
    proxy.set({ reset: true })
    expect((await open().until((peer) => peer.closed)).error).toBe('ECONNRESET')
    expect([proxy.opened, served.length]).toEqual([1, 0])
  })

  it('resets open ones, by the rule and on demand', async () => {
    for (const how of [() => proxy.set({ reset: true }), () => proxy.resetAll()]) {
      proxy.set({})
      const client = await echoed(open(), 'a')
      const server = served.at(-1)!
      how()
      expect([(await client.until((p) => p.closed)).error, (await server.until((p) => p.closed)).error]).toEqual([
        'ECONNRESET',
        'ECONNRESET',
      ])
    }
  })

  it('refuses new ones while open ones go on, and listens on the same port afterwards', async () => {
    const client = await echoed(open(), 'a')
    proxy.set({ refuse: true })
    expect((await open().until((peer) => peer.closed)).error).toBe('ECONNREFUSED')
    await echoed(client, 'still')
    proxy.set({})
    proxy.set({ refuse: true })
    proxy.set({})
    await manyTurns()
    await echoed(open(), 'b')
  })
})

describe('blackhole', () => {
  it('accepts and says nothing; what was sent never arrives, and the connection does not go on with a hole', async () => {
    proxy.set({ blackhole: true })
    const client = open().write('lost')
    await manyTurns()
    expect([client.text, client.closed, client.end, served.length, proxy.connections]).toEqual(['', false, false, 0, 1])
    proxy.set({})
    expect((await client.until((peer) => peer.closed)).error).toBe('ECONNRESET')
    await echoed(open(), 'new')
    expect(served.map((peer) => peer.text)).toEqual(['new'])
  })

  it('does the same to open connections, with what is on the way', async () => {
    proxy.set({ latencyMs: 3_600_000 })
    const client = open().write('on the way')
    while (served.length === 0) await manyTurns()
    proxy.set({ blackhole: true })
    client.write('in the dark')
    await manyTurns()
    proxy.set({})
    expect((await client.until((peer) => peer.closed)).error).toBe('ECONNRESET')
    expect([served[0]!.text, (await served[0]!.until((peer) => peer.closed)).error]).toEqual(['', 'ECONNRESET'])
  })

  it('lets those go on that lost nothing, old and new', async () => {
    const before = await echoed(open(), 'a')
    proxy.set({ blackhole: true })
    const during = open()
    await manyTurns()
    proxy.set({})
    await echoed(before, 'b')
    await echoed(during, 'c')
    expect(before.text).toBe('AB')
  })

  it('hides from the target that the client went', async () => {
    const client = await echoed(open(), 'a')
    proxy.set({ blackhole: true })
    client.destroy()
    await manyTurns()
    expect([served[0]!.end, served[0]!.closed]).toEqual([false, false])
    proxy.set({})
    await served[0]!.until((peer) => peer.closed)
    while (proxy.connections > 0) await manyTurns()
  })

  it('holds one way alone: a request arrives, its answer does not', async () => {
    proxy.set({ blackhole: true, direction: 'response' })
    const client = open().write('abc')
    while (served.length === 0) await manyTurns()
    await served[0]!.until((peer) => peer.text === 'abc')
    await manyTurns()
    expect([client.text, client.closed]).toEqual(['', false])
  })
})

describe('corrupt', () => {
  it('flips one bit in every so many bytes, and nothing else', async () => {
    let state = 7
    const random = (): number => {
      state = (state * 16_807) % 2_147_483_647
      return state / 2_147_483_647
    }
    proxy = await start({ corrupt: 100, direction: 'request' }, random)
    const sent = Buffer.alloc(10_000, 0)
    open().write(sent)
    while (served.length === 0) await manyTurns()
    await served[0]!.until((peer) => peer.length === sent.length)
    const got = served[0]!.bytes
    for (let at = 0; at < got.length; at += 100) {
      const flipped = [...got.subarray(at, at + 100)].filter((byte) => byte !== 0)
      expect(flipped).toHaveLength(1)
      expect([1, 2, 4, 8, 16, 32, 64, 128]).toContain(flipped[0])
    }
  })
})

describe('close()', () => {
  it('resets what is open, is safe twice, and ends what is refused or in the dark', async () => {
    const client = await echoed(open(), 'a')
    proxy.set({ blackhole: true })
    open().write('b')
    await manyTurns()
    proxy.set({ refuse: true, blackhole: true })
    await Promise.all([proxy.close(), proxy.close()])
    expect([proxy.connections, (await client.until((peer) => peer.closed)).error]).toEqual([0, 'ECONNRESET'])
    proxy.set({})
    expect((await open().until((peer) => peer.closed)).error).toBe('ECONNREFUSED')
  })

  it.skipIf(process.platform !== 'linux')('keeps no file descriptor of 1,000 connections', async () => {
    const descriptors = (): number => readdirSync('/proc/self/fd').length
    const rules: ChaosRules[] = [{}, { cutAfterBytes: 3 }, { reset: true }, { dropResponses: true }, { latencyMs: 1, jitterMs: 1 }]
    await echoed(open(), 'warm')
    const before = descriptors()
    for (let i = 0; i < 1_000; i++) {
      const rule = rules[i % rules.length]!
      proxy.set(rule)
      const client = open().write('hello')
      await client.until((peer) => peer.text === 'HELLO' || peer.end || peer.closed)
      client.destroy()
      if (clients.length > 1) clients.splice(1)
    }
    proxy.set({})
    while (proxy.connections > 1) await manyTurns()
    for (const peer of served.splice(1)) peer.destroy()
    await manyTurns()
    expect(proxy.opened).toBe(1_001)
    expect(descriptors()).toBeLessThanOrEqual(before + 2)
  })
})
