import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Batch,
  batchOf,
  createMemorySpool,
  createPipeline,
  type HttpClientOptions,
  type Pipeline,
  samplesOf,
  Secret,
  type SinkStatus,
} from '@promline/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RemoteWriteClient } from '../receiver/clients.js'
import { createRemoteWriteSource, type RemoteWriteSourceOptions } from '../receiver/source.js'
import { createRemoteWriteSink } from './sink.js'

const pathOf = (name: string): string => fileURLToPath(new URL(`../../../core/src/http/testdata/${name}`, import.meta.url))
const files = (name: string) => ({ certFile: pathOf(`${name}.pem`), keyFile: pathOf(`${name}.key`) })
const caFile = pathOf('ca.pem')
const tls = files('server')
const mutual: RemoteWriteSourceOptions['tls'] = { ...tls, clientCaFile: caFile, clientAuth: 'require-and-verify' }

/** Of `one`, at the lowest cost. */
const hashOfOne = '$2b$04$fnrI9JGlgiy4yUMY5L9cL.gWrZlap6sUXmnns/AjeTHD3bAbYKZLi'
const clients: readonly RemoteWriteClient[] = [
  {
    name: 'cluster-a',
    credentials: [
      { kind: 'basic', username: 'a', passwordHash: new Secret(hashOfOne) },
      { kind: 'bearer', name: 'a', token: new Secret('t0ken') },
    ],
    enforcedLabels: { cluster: 'a' },
  },
]

const cleanups: (() => unknown)[] = []
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promline-'))
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  await rm(folder, { recursive: true })
})

/** A receiver until the test ends, and what it has taken. */
async function receive(options: Partial<RemoteWriteSourceOptions>): Promise<{ url: string; batches: Batch[] }> {
  const batches: Batch[] = []
  const source = createRemoteWriteSource({ name: 'receiver', listen: '127.0.0.1:0', ...options })
  const stop = new AbortController()
  const running = source.run(
    async (batch) => {
      batches.push(batch)
      return { status: 'delivered' }
    },
    { signal: stop.signal },
  )
  cleanups.push(() => {
    stop.abort()
    return running
  })
  return { url: await source.listening, batches }
}

/** A pipeline until the test ends that probes a receiver that blocks it all the time. */
function send(url: string, http: HttpClientOptions): { pipeline: Pipeline; sink: () => SinkStatus } {
  const sink = createRemoteWriteSink({ name: 'centre', url, http })
  const pipeline = createPipeline({
    name: 'p',
    spool: createMemorySpool(),
    sinks: [{ sink, delivery: { blockedProbeMs: 20, minBackoffMs: 5, maxBackoffMs: 20 } }],
  })
  cleanups.push(() => pipeline.close({ deadlineMs: 0 }))
  return { pipeline, sink: () => pipeline.status().sinks[0]! }
}

const batch = (value: number): Batch =>
  batchOf([{ labels: { __name__: 'm', cluster: 'b' }, value, timestampMs: 1_700_000_000_000 + value }])
const valuesOf = (batches: readonly Batch[]): number[] => batches.flatMap((one) => [...samplesOf(one)].map(({ value }) => value))
const basic = (password: string): HttpClientOptions => ({ basicAuth: { username: 'a', password: { value: new Secret(password) } } })
const bearer = (token: string): HttpClientOptions => ({ authorization: { credentials: { value: new Secret(token) } } })

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}

describe('a sink and a receiver', () => {
  const good: readonly [name: string, receiver: Partial<RemoteWriteSourceOptions>, sink: HttpClientOptions][] = [
    ['TLS', { tls }, { tls: { caFile } }],
    ['TLS and a password, of which the receiver has the hash', { tls, clients }, { tls: { caFile }, ...basic('one') }],
    ['TLS and a token', { tls, clients }, { tls: { caFile }, ...bearer('t0ken') }],
    ["TLS and a client's certificate", { tls: mutual }, { tls: { caFile, ...files('client') } }],
    ['all of it', { tls: mutual, clients }, { tls: { caFile, ...files('client') }, ...basic('one') }],
    ['a password without TLS', { clients }, basic('one')],
  ]
  for (const [name, receiver, http] of good) {
    it(`speak to each other with ${name}`, async () => {
      const { url, batches } = await receive(receiver)
      const { pipeline } = send(url, http)
      await pipeline.write(batch(1))
      const cluster = receiver.clients === undefined ? 'b' : 'a'
      expect(batches.flatMap((one) => [...samplesOf(one)].map(({ labels }) => labels.get('cluster')))).toEqual([cluster])
    })
  }

  const refused = 'credentials: URL: HTTP status'
  const bad: readonly [name: string, receiver: Partial<RemoteWriteSourceOptions>, sink: HttpClientOptions, reason: string][] = [
    ['a wrong password', { clients }, basic('two'), `${refused} 401: credentials are missing or wrong`],
    ['a wrong token', { tls, clients }, { tls: { caFile }, ...bearer('x') }, `${refused} 401: credentials are missing or wrong`],
    ['no credentials', { clients }, {}, `${refused} 401: credentials are missing or wrong`],
    ['an unknown CA', { tls }, {}, 'URL: the certificate is signed by an unknown CA'],
    [
      'a certificate of another host',
      { tls: files('other-host') },
      { tls: { caFile } },
      "URL: the certificate is for another host: IP: 127.0.0.1 is not in the cert's list: ",
    ],
    ['a certificate that has expired', { tls: files('expired') }, { tls: { caFile } }, 'URL: the certificate has expired'],
    ["no client's certificate", { tls: mutual }, { tls: { caFile } }, `${refused} 403: the client gave no certificate`],
    [
      "a client's certificate that has expired",
      { tls: mutual },
      { tls: { caFile, ...files('expired') } },
      `${refused} 403: the client's certificate is refused: the certificate has expired`,
    ],
  ]
  for (const [name, receiver, http, reason] of bad) {
    it(`block the sink with ${name}, and say why`, async () => {
      const { url, batches } = await receive(receiver)
      const { pipeline, sink } = send(url, http)
      const writing = pipeline.write(batch(1)).catch(() => {})
      await until(() => sink().state === 'blocked')
      expect(sink().reason?.replace(url, 'URL')).toBe(reason)
      expect([batches, sink().inFlight.samples + sink().spooled.samples]).toEqual([[], 1])
      await pipeline.close({ deadlineMs: 0 })
      await writing
    })
  }

  it('go on where they were once the password in the file is right, on either side', async () => {
    const sent = join(folder, 'sent')
    const expected = join(folder, 'expected')
    await writeFile(sent, 'old\n')
    await writeFile(expected, 'new\n')
    const { url, batches } = await receive({
      tls,
      clients: [{ name: 'cluster-a', credentials: [{ kind: 'basic', username: 'a', passwordFile: expected }] }],
    })
    const { pipeline, sink } = send(url, { tls: { caFile }, basicAuth: { username: 'a', password: { file: sent } } })
    const writing = [1, 2, 3].map((value) => pipeline.write(batch(value)))
    await until(() => sink().state === 'blocked')
    await writeFile(sent, 'new\n')
    await Promise.all(writing)
    expect(sink().state).toBe('healthy')
    await writeFile(expected, 'newer\n')
    // The receiver looks at its file once a second.
    let value = 3
    const later: Promise<unknown>[] = []
    const blocked = until(() => sink().state === 'blocked')
    while (sink().state !== 'blocked') {
      later.push(pipeline.write(batch(++value)))
      await Promise.race([later.at(-1), blocked])
    }
    await writeFile(sent, 'newer\n')
    await Promise.all(later)
    expect(valuesOf(batches)).toEqual(Array.from({ length: value }, (_, i) => i + 1))
  })

  it("go on once the files of a client's certificate, and of the receiver's, are right", async () => {
    const certFile = join(folder, 'client.pem')
    const keyFile = join(folder, 'client.key')
    const own = { certFile: join(folder, 'server.pem'), keyFile: join(folder, 'server.key') }
    const put = async (name: string, to: { certFile: string; keyFile: string }): Promise<void> => {
      await copyFile(pathOf(`${name}.key`), to.keyFile)
      await copyFile(pathOf(`${name}.pem`), to.certFile)
    }
    await put('expired', own)
    await put('expired', { certFile, keyFile })
    const { url, batches } = await receive({ tls: { ...mutual, ...own } })
    const { pipeline, sink } = send(url, { tls: { caFile, certFile, keyFile } })
    const writing = pipeline.write(batch(1))
    await until(() => sink().reason?.endsWith('the certificate has expired') === true && sink().reason?.includes('403') === false)
    await put('server', own)
    await until(() => sink().reason?.endsWith("HTTP status 403: the client's certificate is refused: the certificate has expired") === true)
    await put('client', { certFile, keyFile })
    await writing
    expect(valuesOf(batches)).toEqual([1])
  })
})
