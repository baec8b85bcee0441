import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Batch,
  type Consume,
  createLabels,
  type Credential,
  type Instruments,
  noInstruments,
  samplesOf,
  Secret,
  systemClock,
} from '@promline/core'
import { afterEach, describe, expect, it } from 'vitest'
import type { TimeSeries } from '../message/write-request.js'
import { snappyCodec } from '../snappy/snappy-codec.js'
import { encodeWriteRequest } from '../v1/encode.js'
import { ByteBudget } from './byte-budget.js'
import { type RemoteWriteClient, validateClients } from './clients.js'
import type { RemoteWriteHandlerOptions } from './config.js'
import { createRemoteWriteHandler } from './handler.js'

/** Of `one`, at the lowest cost. */
const hashOfOne = '$2b$04$fnrI9JGlgiy4yUMY5L9cL.gWrZlap6sUXmnns/AjeTHD3bAbYKZLi'
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const primary: RemoteWriteClient = {
  name: 'nats-primary',
  credentials: [
    { kind: 'basic', username: 'primary', passwordHash: new Secret(hashOfOne) },
    { kind: 'bearer', name: 'next', token: new Secret('t0ken') },
  ],
  enforcedLabels: { cluster: 'nats-primary', environment: 'production' },
}
const another: RemoteWriteClient = {
  name: 'another-cluster',
  credentials: [{ kind: 'basic', username: 'another', password: new Secret('two') }],
  enforcedLabels: createLabels({ cluster: 'another-cluster' }),
  onConflict: 'refuse',
  tenant: 'team-b',
}

let server: Server | undefined
afterEach(async () => {
  server?.closeAllConnections()
  if (server !== undefined) await new Promise((resolve) => server?.close(resolve))
  server = undefined
})

interface Receiver {
  readonly batches: Batch[]
  /** Name, client and code, and what it was counted up to. */
  readonly counted: Map<string, number>
  readonly logged: string[]
  write(authorization: string | undefined, ...series: readonly Readonly<Record<string, string>>[]): Promise<string>
}

async function listen(options: Partial<RemoteWriteHandlerOptions> = {}): Promise<Receiver> {
  const batches: Batch[] = []
  const counted = new Map<string, number>()
  const logged: string[] = []
  const consume: Consume = async (batch) => {
    batches.push(batch)
    return { status: 'spooled' }
  }
  const instruments: Instruments = {
    ...noInstruments,
    counter:
      ({ name }) =>
      (amount, { client, code }) => {
        const key = [name, client, code].filter((word) => word !== undefined).join(' ')
        counted.set(key, (counted.get(key) ?? 0) + amount)
      },
  }
  const log = (_: object, message: string): void => void logged.push(message)
  const logger = { debug: log, info: log, warn: log, error: log }
  const handler = createRemoteWriteHandler({ consume, instruments, logger, clients: [primary, another], ...options })
  server = createServer((request, response) => void handler(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}/` : ''
  const write: Receiver['write'] = async (authorization, ...series) => {
    const headers = authorization === undefined ? {} : { authorization }
    const response = await fetch(url, { method: 'POST', headers, body: new Blob([Uint8Array.from(bodyOf(series))]) })
    return `${response.status} ${(await response.text()).trim()}`.trim()
  }
  return { batches, counted, logged, write }
}

function bodyOf(series: readonly Readonly<Record<string, string>>[]): Uint8Array {
  const all = series.map((labels): TimeSeries => {
    const samples = [{ value: 1, timestampMs: 1_700_000_000_000, stale: false }]
    return { labels: createLabels(labels), samples, exemplars: [], histograms: [] }
  })
  return snappyCodec.compress(encodeWriteRequest({ series: all, metadata: [] }).bytes)
}

function receivedLabels({ batches }: Receiver): Record<string, string>[] {
  return batches.flatMap((batch) => [...samplesOf(batch)].map(({ labels }) => ({ ...labels.toObject() })))
}

describe('a receiver with clients', () => {
  const logins: readonly [authorization: string | undefined, answer: string, origin?: string][] = [
    [undefined, '401 credentials are missing or wrong'],
    [basic('primary:one'), '204', 'nats-primary'],
    [basic('primary:one').replace('Basic', 'bAsIc'), '204', 'nats-primary'],
    ['Bearer t0ken', '204', 'nats-primary'],
    [basic('another:two'), '204', 'another-cluster'],
    [basic('primary:two'), '401 credentials are missing or wrong'],
    [basic('another:one'), '401 credentials are missing or wrong'],
    [basic('nats-primary:one'), '401 credentials are missing or wrong'],
    [basic('primary'), '401 credentials are missing or wrong'],
    ['Bearer one', '401 credentials are missing or wrong'],
    ['Basic', '401 credentials are missing or wrong'],
    ['primary:one', '401 credentials are missing or wrong'],
  ]
  for (const [authorization, answer, origin] of logins) {
    it(`answers ${answer} to ${authorization}`, async () => {
      const receiver = await listen()
      expect(await receiver.write(authorization, { __name__: 'm' })).toBe(answer)
      expect(receiver.batches.map((batch) => batch.origin.id)).toEqual(origin === undefined ? [] : [origin])
      expect(receiver.counted.get(`receiver_client_requests_total ${origin ?? 'unknown'} ${answer.slice(0, 3)}`)).toBe(1)
      expect(receiver.counted.get(`receiver_requests_total ${answer.slice(0, 3)}`)).toBe(1)
    })
  }

  it('stores under its own labels what a client says of another cluster, and counts it', async () => {
    const receiver = await listen()
    const spoof = { __name__: 'up', cluster: 'another-cluster', job: 'a' }
    for (let i = 0; i < 3; i++) {
      expect(await receiver.write(basic('primary:one'), spoof, { __name__: 'up' }, { __name__: 'down', environment: 'demo' })).toBe('204')
    }
    const own = { cluster: 'nats-primary', environment: 'production' }
    expect(receivedLabels(receiver).slice(0, 3)).toEqual([
      { __name__: 'up', job: 'a', ...own },
      { __name__: 'up', ...own },
      { __name__: 'down', ...own },
    ])
    expect(receiver.counted.get('receiver_replaced_series_total nats-primary')).toBe(6)
    expect(receiver.counted.get('receiver_replaced_series_total another-cluster')).toBe(0)
    expect(receiver.logged).toEqual(['client "nats-primary" sends labels that are not its own to say: they are replaced'])
    // The same objects again, so that what hangs on them is made once.
    expect(receiver.batches[2]!.columns[0]!.series).toBe(receiver.batches[0]!.columns[0]!.series)
    expect(receiver.batches[0]!.origin).toEqual({ kind: 'client', id: 'nats-primary' })
  })

  it('refuses what a client says of another cluster where it is told to, and says what it was', async () => {
    const receiver = await listen()
    const good = { __name__: 'up', cluster: 'another-cluster' }
    expect(await receiver.write(basic('another:two'), good, { __name__: 'up', cluster: 'nats-primary' })).toBe(
      '400 series {"__name__":"up","cluster":"nats-primary"}: client "another-cluster" says cluster="nats-primary" instead of "another-cluster"',
    )
    expect(receiver.batches).toEqual([])
    expect(await receiver.write(basic('another:two'), good, { __name__: 'up', job: 'x' })).toBe('204')
    expect(receiver.batches[0]!.origin).toEqual({ kind: 'client', id: 'another-cluster', tenant: 'team-b' })
    expect(receivedLabels(receiver)).toEqual([good, { __name__: 'up', job: 'x', cluster: 'another-cluster' }])
    expect(receiver.counted.get('receiver_client_requests_total another-cluster 400')).toBe(1)
  })

  it('says in the log who is refused and why, once a minute', async () => {
    let nowMs = 0
    const receiver = await listen({ clock: { ...systemClock, monotonicMs: () => nowMs } })
    const bad = { __name__: 'up', cluster: 'x' }
    const why = '400: series {"__name__":"up","cluster":"x"}: client "another-cluster" says cluster="x" instead of "another-cluster"'
    for (let i = 0; i < 3; i++) {
      await receiver.write(basic('another:two'), bad)
      await receiver.write('Bearer guess', bad)
    }
    expect(receiver.logged).toEqual([
      `client "another-cluster" is refused with ${why}`,
      'a request from 127.0.0.1 is refused with 401: credentials are missing or wrong',
    ])
    nowMs += 60_000
    await receiver.write(basic('another:two'), bad)
    expect(receiver.logged[2]).toBe(`client "another-cluster" is refused with ${why} (2 more since this was said last)`)
    nowMs += 60_000
    await receiver.write(basic('another:two'), { ...bad, job: 'x'.repeat(2000) })
    expect(receiver.logged[3]).toMatch(/^client "another-cluster" is refused with 400: series .{993}\.\.\.$/)
  })

  it('keeps the metadata and the series of clients apart', async () => {
    const receiver = await listen({ clients: [primary, { ...another, enforcedLabels: {} }] })
    await receiver.write(basic('primary:one'), { __name__: 'm', cluster: 'x', environment: 'y' })
    await receiver.write(basic('another:two'), { __name__: 'm', cluster: 'x', environment: 'y' })
    expect(receivedLabels(receiver)).toEqual([
      { __name__: 'm', cluster: 'nats-primary', environment: 'production' },
      { __name__: 'm', cluster: 'x', environment: 'y' },
    ])
  })

  it('enforces the labels of a client whose name somebody else has as an origin', async () => {
    const receiver = await listen({
      credentials: [{ kind: 'bearer', name: 'old', token: new Secret('old') }],
      originOf: () => ({ kind: 'client', id: 'nats-primary' }),
    })
    expect(await receiver.write('Bearer old', { __name__: 'm', cluster: 'mine' })).toBe('204')
    expect(await receiver.write('Bearer t0ken', { __name__: 'm', cluster: 'mine' })).toBe('204')
    expect(await receiver.write('Bearer old', { __name__: 'm', cluster: 'mine' })).toBe('204')
    const own = { cluster: 'nats-primary', environment: 'production' }
    expect(receivedLabels(receiver)).toEqual([
      { __name__: 'm', cluster: 'mine' },
      { __name__: 'm', ...own },
      { __name__: 'm', cluster: 'mine' },
    ])
  })

  it('lets nobody in by a token that two clients turn out to have', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'promline-'))
    try {
      const tokenFile = join(folder, 'token')
      await writeFile(tokenFile, 't0ken\n')
      const receiver = await listen({ clients: [primary, { ...another, credentials: [{ kind: 'bearer', name: 'another', tokenFile }] }] })
      expect(await receiver.write('Bearer t0ken', { __name__: 'm' })).toBe('401 credentials are missing or wrong')
      expect(receiver.logged[0]).toBe('nobody is let in by a secret that is both of "next" and of "another"')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('takes credentials of no client beside them, as before', async () => {
    const receiver = await listen({ credentials: [{ kind: 'bearer', name: 'old', token: new Secret('old') }] })
    expect(await receiver.write('Bearer old', { __name__: 'm', cluster: 'mine' })).toBe('204')
    expect(receiver.batches[0]!.origin.id).toBe('user old')
    expect(receivedLabels(receiver)).toEqual([{ __name__: 'm', cluster: 'mine' }])
  })

  it('turns one client away that has too much under way, and not the other', async () => {
    const held: (() => void)[] = []
    const consume: Consume = () => new Promise((resolve) => held.push(() => resolve({ status: 'spooled' })))
    const receiver = await listen({ consume, clients: [{ ...primary, maxPendingBytes: 1 }, another] })
    const first = receiver.write('Bearer t0ken', { __name__: 'm' })
    while (held.length < 1) await new Promise((resolve) => setImmediate(resolve))
    expect(await receiver.write('Bearer t0ken', { __name__: 'm' })).toBe('503 too much data is under way: come again')
    const other = receiver.write(basic('another:two'), { __name__: 'm' })
    while (held.length < 2) await new Promise((resolve) => setImmediate(resolve))
    for (const release of held) release()
    expect(await Promise.all([first, other])).toEqual(['204', '204'])
    expect(receiver.counted.get('receiver_client_requests_total nats-primary 503')).toBe(1)
  })

  it('lets those write on who are known while somebody guesses passwords', async () => {
    const receiver = await listen()
    expect(await receiver.write(basic('primary:one'), { __name__: 'm' })).toBe('204')
    const guesses = Array.from({ length: 60 }, (_, i) => receiver.write(basic(`primary:guess ${i}`), { __name__: 'm' }))
    const honest = Array.from({ length: 20 }, () => receiver.write(basic('primary:one'), { __name__: 'm' }))
    expect(new Set(await Promise.all(honest))).toEqual(new Set(['204']))
    for (const answer of await Promise.all(guesses)) {
      expect(['401 credentials are missing or wrong', '503 too many passwords are being checked: come again']).toContain(answer)
    }
    expect(receiver.batches).toHaveLength(21)
  })
})

describe('a share of a budget', () => {
  it('is held in the whole as well, and given back', () => {
    const whole = new ByteBudget(100)
    const a = new ByteBudget(60, whole)
    const b = new ByteBudget(60, whole)
    const first = a.reserve(50)
    expect([a.reserve(11), b.reserve(51)]).toEqual([undefined, undefined])
    const second = b.reserve(40)
    expect([second?.resize(51), second?.resize(50), first?.resize(51)]).toEqual([false, true, false])
    first?.release()
    expect(second?.resize(60)).toBe(true)
    // One is always let in, within the whole.
    expect([a.reserve(41), a.reserve(40)?.resize(40)]).toEqual([undefined, true])
  })
})

describe('validateClients', () => {
  it('shares what may be under way', () => {
    const sizes = (count: number, maxPendingBytes: number): number[] =>
      validateClients(
        Array.from({ length: count }, (_, i) => ({
          name: `c${i}`,
          credentials: [{ kind: 'basic', username: `u${i}`, password: new Secret('p') }],
        })),
        { maxPendingBytes },
      ).map((client) => client.maxPendingBytes / 2 ** 20)
    expect(sizes(2, 2 ** 28)).toEqual([128, 128])
    expect(sizes(3, 2 ** 24)).toEqual([16, 16, 16])
  })

  const token = { kind: 'bearer', name: 'x', token: new Secret('t') } as const
  const refused: readonly [clients: readonly RemoteWriteClient[], message: string][] = [
    [[], 'clients: a list without clients lets nobody in; leave it out to let everybody write'],
    [[{ name: '', credentials: [token] }], 'remote-write receiver: client "": a name is 1 to 64 letters, digits, "-", "_" and "."'],
    [[{ name: 'unknown', credentials: [token] }], 'remote-write receiver: client "unknown": this name stands for those who prove nothing'],
    [[{ name: 'a', credentials: [] }], 'remote-write receiver: client "a": it has no credentials'],
    [
      [{ ...primary, enforcedLabels: { cluster: '' } }],
      'remote-write receiver: client "nats-primary": the enforced label "cluster" has no value',
    ],
    [[{ ...primary, enforcedLabels: { __name__: 'm' } }], 'remote-write receiver: client "nats-primary": __name__ cannot be enforced'],
    [
      [{ ...primary, enforcedLabels: { a: '\ud800' } }],
      'remote-write receiver: client "nats-primary": label "a" has a lone surrogate, which UTF-8 cannot hold',
    ],
    [
      [{ ...primary, maxPendingBytes: 0 }],
      'remote-write receiver: client "nats-primary": maxPendingBytes: 0 must be an integer of at least 1',
    ],
    [[primary, { ...another, name: primary.name }], 'remote-write receiver: client "nats-primary": the name is given twice'],
    [
      [primary, { ...another, credentials: [{ kind: 'basic', username: 'primary', password: new Secret('x') }] }],
      'remote-write receiver: client "another-cluster": its username "primary" is that of client "nats-primary"',
    ],
    [
      [primary, { ...another, credentials: [{ kind: 'bearer', name: 'y', token: new Secret('t0ken') }] }],
      'remote-write receiver: client "another-cluster": its token is that of client "nats-primary"',
    ],
    [
      [
        { ...primary, credentials: [{ kind: 'bearer', name: 'x', tokenFile: '/run/token' }] },
        { ...another, credentials: [{ kind: 'bearer', name: 'y', tokenFile: '/run/token' }] },
      ],
      'remote-write receiver: client "another-cluster": its token is that of client "nats-primary"',
    ],
    [
      [{ ...primary, credentials: [{ kind: 'basic', username: 'u', passwordHash: new Secret('hunter2') }] }],
      'remote-write receiver: client "nats-primary": the password hash is not one of bcrypt: expected $2a$, $2b$ or $2y$, a cost and 53 characters',
    ],
  ]
  it('refuses a credential that is also one of nobody in particular', () => {
    const consume: Consume = () => Promise.reject(new Error())
    const handler = (credential: Credential) => createRemoteWriteHandler({ consume, credentials: [credential], clients: [primary] })
    expect(() => handler({ kind: 'basic', username: 'primary', password: new Secret('x') })).toThrow(
      'remote-write receiver: client "nats-primary": its username "primary" is also among the credentials',
    )
    expect(() => handler({ kind: 'bearer', name: 'x', token: new Secret('t0ken') })).toThrow(
      'remote-write receiver: client "nats-primary": its token is also among the credentials',
    )
  })

  for (const [clients, message] of refused) {
    it(`refuses: ${message}`, () => {
      expect(() => createRemoteWriteHandler({ consume: () => Promise.reject(new Error()), clients })).toThrow(message)
    })
  }
})
