import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadWebConfig, parseWebConfig, webConfigFile } from './web-config-file.js'

const hash = '$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay'

test('reads all that it knows', () => {
  const config = parseWebConfig(
    `
tls_server_config:
  cert_file: server.pem
  key_file: /keys/server.key
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus, 10.0.0.1]
  min_version: TLS13
  prefer_server_cipher_suites: true
http_server_config:
  http2: true
  headers:
    X-Frame-Options: deny
    Strict-Transport-Security: max-age=31536000
basic_auth_users:
  alice: ${hash}
  bob: ${hash}
`,
    '/etc/promline/web.yml',
  )
  expect(config.tls).toEqual({
    certFile: '/etc/promline/server.pem',
    keyFile: '/keys/server.key',
    clientCaFile: '/etc/promline/ca.pem',
    clientAuth: 'require-and-verify',
    clientAllowedSans: ['prometheus', '10.0.0.1'],
    minVersion: 'TLSv1.3',
  })
  expect(config.headers).toEqual({ 'X-Frame-Options': 'deny', 'Strict-Transport-Security': 'max-age=31536000' })
  expect(config.users.map(({ username }) => username)).toEqual(['alice', 'bob'])
  expect(config.users[0]?.passwordHash.reveal()).toBe(hash)
  expect(JSON.stringify(config)).not.toContain(hash)
})

test('takes a certificate and a key in place', () => {
  const { tls } = parseWebConfig('tls_server_config: { cert: CERT, key: KEY }', 'web.yml')
  expect([tls?.cert, tls?.key?.reveal()]).toEqual(['CERT', 'KEY'])
})

test.each(['', '# nothing\n', 'tls_server_config:\n', 'basic_auth_users:\nhttp_server_config:\n'])('asks for nothing: %j', (text) => {
  expect(parseWebConfig(text, 'web.yml')).toEqual({ users: [], headers: {} })
})

const tls = (more: string): string => `tls_server_config: { cert_file: c, key_file: k, ${more} }`
const refused: [text: string, message: string][] = [
  ['tls_server_confg: {}', 'web.yml:1:1: tls_server_confg: unknown key; did you mean tls_server_config?'],
  ['rate_limit: { burst: 1 }', 'web.yml:1:1: rate_limit: promline does not offer this yet'],
  ['tls_server_config: { key_file: k }', 'web.yml:1:20: tls_server_config: cert_file is required'],
  ['tls_server_config: { cert_file: c }', 'web.yml:1:20: tls_server_config: key_file is required'],
  ['tls_server_config: { cert_file: c, certfile: k }', 'web.yml:1:36: tls_server_config.certfile: unknown key; did you mean cert_file?'],
  [tls('cert: c'), 'web.yml:1:33: tls_server_config.cert_file: cert and cert_file exclude each other'],
  [tls('cipher_suites: []'), 'web.yml:1:49: tls_server_config.cipher_suites: promline does not offer this yet'],
  [
    tls('client_ca_file: ca'),
    "web.yml:1:20: tls_server_config.client_auth_type: client_ca_file is given, and no client's certificate is asked for",
  ],
  [tls('client_auth_type: RequireAndVerifyClientCert'), 'web.yml:1:67: tls_server_config.client_auth_type: client_ca_file is required'],
  [
    tls('client_auth_type: always'),
    'web.yml:1:67: tls_server_config.client_auth_type: "always" is not one of NoClientCert, RequestClientCert, RequireAnyClientCert, RequireClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert',
  ],
  [
    tls('client_allowed_sans: [a]'),
    'web.yml:1:70: tls_server_config.client_allowed_sans: needs client_auth_type RequireAndVerifyClientCert',
  ],
  [tls('max_version: TLS11'), 'web.yml:1:62: tls_server_config.max_version: is below min_version'],
  [tls('min_version: SSL3'), 'web.yml:1:62: tls_server_config.min_version: "SSL3" is not one of TLS10, TLS11, TLS12, TLS13'],
  [
    'http_server_config: { headers: { content-length: 1 } }',
    'web.yml:1:50: http_server_config.headers.content-length: header "content-length" is reserved',
  ],
  ['http_server_config: { headers: { a b: 1 } }', 'web.yml:1:39: http_server_config.headers["a b"]: header name "a b" is not a token'],
  [
    'basic_auth_users:\n  alice: hunter2\n',
    'web.yml:2:10: basic_auth_users.alice: the password hash is not one of bcrypt: expected $2a$, $2b$ or $2y$, a cost and 53 characters',
  ],
  [`basic_auth_users: { "a:b": "${hash}" }`, 'web.yml:1:28: basic_auth_users["a:b"]: username "a:b" must not contain ":"'],
  ['basic_auth_users: { a: }', 'web.yml:1:21: basic_auth_users.a: expected a text, found nothing'],
  [': [', 'web.yml:1:4: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]'],
]
test.each(refused)('refuses %s', (text, message) => {
  expect(() => parseWebConfig(text, 'web.yml')).toThrow(expect.objectContaining({ code: 'config', message }))
})

test('is read again when it changes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'promline-'))
  try {
    const file = join(folder, 'web.yml')
    await expect(loadWebConfig(file)).rejects.toMatchObject({
      code: 'config',
      message: `cannot read the web.config file: ENOENT: no such file or directory, open '${file}'`,
    })
    const source = webConfigFile(file)
    await expect(source.read()).rejects.toMatchObject({ code: 'config' })
    await writeFile(file, 'http_server_config: { headers: { x-a: b } }')
    const first = await source.read()
    expect(first.headers).toEqual({ 'x-a': 'b' })
    expect(await source.read()).toBe(first)
    expect(await loadWebConfig(file)).toEqual(first)
    await writeFile(file, 'broken: true')
    await expect(source.read()).rejects.toMatchObject({ message: `${file}:1:1: broken: unknown key` })
    await writeFile(file, ' \n')
    await expect(source.read()).rejects.toMatchObject({ message: `${file}: is empty` })
    await writeFile(file, '# nobody is asked for anything')
    expect(await source.read()).toEqual({ users: [], headers: {} })
  } finally {
    await rm(folder, { recursive: true })
  }
})
