import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Credential, createHttpClient, type HttpClientOptions, Secret } from '@promline/core'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, test } from 'vitest'
import { ask } from './ask.test.helper.js'
import { createExporter, type ExporterOptions } from './exporter.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function start(options: Partial<ExporterOptions>): Promise<string> {
  const exporter = await createExporter({ listen: '127.0.0.1:0', registry: new Registry(), ...options })
  closing.push(() => exporter.close({ deadlineMs: 100 }))
  return `${exporter.url}/metrics`
}

const testdata = fileURLToPath(new URL('../../../core/src/http/testdata/', import.meta.url))
const tls = { certFile: join(testdata, 'server.pem'), keyFile: join(testdata, 'server.key') }

async function statusOf(url: string, options: HttpClientOptions = {}): Promise<number> {
  const client = createHttpClient({ userAgent: 'test', tls: { caFile: join(testdata, 'ca.pem') }, ...options })
  closing.push(() => client.close())
  return (await client.request({ method: 'GET', url, timeoutMs: 10_000, maxBodyBytes: 1024 })).status
}

const basic = (user: string) => ({ headers: { authorization: `Basic ${Buffer.from(user).toString('base64')}` } })
const as = (username: string, password: string) => ({ basicAuth: { username, password: { value: new Secret(password) } } })
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
/** Of "secret". */
const hash = '$2b$04$gBn8/9BBO9qS.pl1MF2ZGuvqvNeGHqNcfgcmP.wPWt.MatfXeBYly'

describe('credentials', () => {
  const credentials: readonly Credential[] = [
    { kind: 'basic', username: 'alice', password: new Secret('wonder') },
    { kind: 'basic', username: 'bob', passwordHash: new Secret(hash) },
    { kind: 'bearer', name: 'prometheus', token: new Secret('token') },
  ]

  test.each<[string, { headers: Record<string, string> } | undefined, number]>([
    ['a password', basic('alice:wonder'), 200],
    ['a hashed password', basic('bob:secret'), 200],
    ['a token', bearer('token'), 200],
    ['nothing', undefined, 401],
    ['a wrong password', basic('alice:secret'), 401],
    ['an unknown user', basic('carol:wonder'), 401],
    ['a wrong token', bearer('wonder'), 401],
  ])('%s', async (_what, options, status) => {
    const answered = await ask(await start({ credentials }), options)
    expect(answered.status).toBe(status)
    if (status === 401) {
      expect(answered.headers['www-authenticate']).toBe('Basic realm="metrics", charset="UTF-8", Bearer realm="metrics"')
      expect(answered.body.toString()).toBe('credentials are missing or wrong\n')
    }
  })

  test.each(['/', '/-/healthy', '/-/ready', '/nothing'])('are asked for at %s as well', async (path) => {
    const url = (await start({ credentials })).replace('/metrics', path)
    expect((await ask(url)).status).toBe(401)
  })

  test('that nobody could prove are refused', async () => {
    const message = 'exporter: credentials are empty, so nobody could come in; leave them out to let everybody in'
    await expect(start({ credentials: [] })).rejects.toMatchObject({ code: 'options', message })
  })
})

describe('TLS', () => {
  test('is spoken, and asks for credentials as well', async () => {
    const url = await start({ tls, credentials: [{ kind: 'basic', username: 'alice', password: new Secret('wonder') }] })
    expect(url).toMatch(/^https:/)
    expect(await statusOf(url)).toBe(401)
    expect(await statusOf(url, as('alice', 'wonder'))).toBe(200)
  })

  test('needs its files, and what was registered goes where they are missing', async () => {
    const selfRegistry = new Registry()
    const refused = start({ selfRegistry, tls: { ...tls, keyFile: join(testdata, 'missing.key') } })
    await expect(refused).rejects.toMatchObject({ code: 'tls' })
    expect(selfRegistry.getMetricsAsArray()).toEqual([])
  })
})

describe('a web.config file', () => {
  async function webConfig(text: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'promline-'))
    closing.push(() => rm(folder, { recursive: true }))
    const file = join(folder, 'web.yml')
    await writeFile(file, text)
    return file
  }

  test('gives TLS and users', async () => {
    const file = await webConfig(
      `tls_server_config: { cert_file: ${tls.certFile}, key_file: ${tls.keyFile} }\nbasic_auth_users: { bob: "${hash}" }\n`,
    )
    const url = await start({ webConfigFile: file })
    expect(await statusOf(url)).toBe(401)
    expect(await statusOf(url, as('bob', 'secret'))).toBe(200)
  })

  test('that is broken says where', async () => {
    const file = await webConfig('basic_auth_user: {}\n')
    await expect(start({ webConfigFile: file })).rejects.toThrow(`${file}:1:1: `)
  })

  test.each<Partial<ExporterOptions>>([{ tls }, { credentials: [] }])('excludes %j', async (options) => {
    const message = 'exporter: webConfigFile excludes tls and credentials: the file has both'
    await expect(start({ webConfigFile: 'web.yml', ...options })).rejects.toMatchObject({ code: 'options', message })
  })
})
