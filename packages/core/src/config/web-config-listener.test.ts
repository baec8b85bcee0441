import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashSync } from 'bcryptjs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { answer } from '../http/answer.js'
import { createHttpListener, type HttpListener, type HttpListenerOptions } from '../http/listener.js'
import { getSecurely, pathOf, shownName } from '../http/secure-client.test.helper.js'
import { webConfigFile } from './web-config-file.js'

let folder = ''
const listeners: HttpListener[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'promline-'))
})
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close({ deadlineMs: 0 })))
  await rm(folder, { recursive: true })
})

async function serve(options: Partial<HttpListenerOptions>): Promise<HttpListener> {
  const handler: HttpListenerOptions['handler'] = (request, response) => answer(response, 200, `hello at ${request.url}`)
  const listener = await createHttpListener({ name: 'test', listen: '127.0.0.1:0', handler, ...options })
  listeners.push(listener)
  return listener
}

describe('a listener with a web.config file', () => {
  const authorization = (user: string) => ({ headers: { authorization: `Basic ${Buffer.from(user).toString('base64')}` } })

  test('asks for its users, sets its headers and speaks its TLS, as the file is now', async () => {
    const logged: string[] = []
    const log = (_: object, message: string): void => void logged.push(message)
    const file = join(folder, 'web.yml')
    const tls = (name: string): string => `tls_server_config: { cert_file: ${pathOf(`${name}.pem`)}, key_file: ${pathOf(`${name}.key`)} }\n`
    await writeFile(file, `${tls('server')}basic_auth_users: { alice: "${hashSync('secret', 4)}" }`)
    const { url } = await serve({ webConfig: webConfigFile(file), logger: { debug() {}, info: log, warn: log, error: log } })
    expect(url).toMatch(/^https:/)
    expect([
      await getSecurely(url),
      await getSecurely(url, authorization('alice:wrong')),
      await getSecurely(url, authorization('bob:secret')),
      await getSecurely(url, authorization('alice:secret')),
    ]).toEqual([
      '401 credentials are missing or wrong',
      '401 credentials are missing or wrong',
      '401 credentials are missing or wrong',
      '200 hello at /',
    ])
    await writeFile(file, `${tls('server')}basic_auth_users: { bob: "${hashSync('secret', 4)}" }`)
    expect([await getSecurely(url, authorization('alice:secret')), await getSecurely(url, authorization('bob:secret'))]).toEqual([
      '401 credentials are missing or wrong',
      '200 hello at /',
    ])
    await writeFile(file, 'broken: true')
    expect([await getSecurely(url), await getSecurely(url, authorization('bob:secret'))]).toEqual([
      '401 credentials are missing or wrong',
      '200 hello at /',
    ])
    await writeFile(file, `${tls('other-host')}http_server_config: { headers: { x-frame-options: deny } }`)
    expect(await shownName(url)).toBe('other-host')
    await writeFile(file, '# no TLS any more')
    expect(await shownName(url)).toBe('other-host')
    expect(logged).toEqual([
      'test: TLS goes on with files that have changed',
      `test: goes on with the web.config that it had: ${file}:1:1: broken: unknown key`,
      'test: TLS goes on with files that have changed',
      'test: TLS goes on with what it had: to speak plain HTTP again needs a restart',
    ])
  })

  test('sets its headers on every answer, and speaks plain HTTP where it has no TLS', async () => {
    const file = join(folder, 'web.yml')
    await writeFile(file, `http_server_config: { headers: { x-frame-options: deny } }\nbasic_auth_users: { a: "${hashSync('p', 4)}" }`)
    const { url } = await serve({ webConfig: webConfigFile(file) })
    const response = await fetch(url)
    expect([response.status, response.headers.get('x-frame-options'), response.headers.get('www-authenticate')]).toEqual([
      401,
      'deny',
      'Basic',
    ])
    expect((await fetch(url, authorization('a:p'))).headers.get('x-frame-options')).toBe('deny')
  })

  test('says 503 to those whose password cannot be checked now', async () => {
    const file = join(folder, 'web.yml')
    await writeFile(file, `basic_auth_users: { alice: "${hashSync('secret', 10)}" }`)
    const { url } = await serve({ webConfig: webConfigFile(file) })
    const statuses = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const response = await fetch(url, authorization(`alice:guess ${i}`))
        return `${response.status} ${response.headers.get('retry-after')} ${(await response.text()).trim()}`
      }),
    )
    expect(new Set(statuses)).toEqual(
      new Set(['401 null credentials are missing or wrong', '503 1 too many passwords are being checked: come again']),
    )
  })

  test('does not begin with one that is broken, nor with two settings of TLS', async () => {
    const file = join(folder, 'web.yml')
    await expect(serve({ webConfig: webConfigFile(file) })).rejects.toMatchObject({ code: 'config' })
    await writeFile(file, 'tls_server_config: { cert_file: a, key_file: b }')
    await expect(serve({ webConfig: webConfigFile(file) })).rejects.toMatchObject({
      code: 'tls',
      message: `test: cannot read the certificate file: ENOENT: no such file or directory, stat '${join(folder, 'a')}'`,
    })
    await expect(
      serve({ webConfig: webConfigFile(file), tls: { certFile: pathOf('server.pem'), keyFile: pathOf('server.key') } }),
    ).rejects.toMatchObject({
      code: 'options',
      message: 'test: tls and webConfig exclude each other',
    })
  })
})
