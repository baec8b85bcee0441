import { loadConfig } from '@promline/core'
import { describe, expect, it } from 'vitest'
import { parseReceiverSection, type ReceiverSection } from './section.js'

const hash = `$2b$12$${'a'.repeat(53)}`

function parse(text: string): ReceiverSection | undefined {
  const sections = { remote_write_receiver: parseReceiverSection }
  return loadConfig(text, { file: '/etc/promline/a.yml', sections }).sections.remote_write_receiver
}

describe('parseReceiverSection', () => {
  it('has a default for where it listens, and leaves the rest to the receiver', () => {
    expect(parse('remote_write_receiver:')).toEqual({ listen: '127.0.0.1:9201' })
  })

  it('reads all that it knows', () => {
    const section = parse(`
remote_write_receiver:
  listen: :9201
  path: /push
  tls_server_config: { cert_file: server.pem, key_file: server.key }
  clients:
    - name: nats-primary
      basic_auth: { username: primary, password_hash: '${hash}' }
      labels: { cluster: nats-primary, environment: production }
      on_conflict: refuse
      tenant: team-a
      max_pending_bytes: 64MiB
    - name: another-cluster
      basic_auth: { username: another, password_file: another.password }
      authorization: { type: bearer, credentials_file: another.token }
    - { name: third, basic_auth: { username: third, password: hunter2 }, authorization: { credentials: t0ken } }
  max_body_bytes: 1MiB
  max_decoded_bytes: 2MiB
  max_pending_bytes: 3MiB
  read_timeout: 10s
  write_timeout: 20s
  max_future: 0
`)
    expect(section).toMatchObject({
      listen: ':9201',
      path: '/push',
      tls: { certFile: '/etc/promline/server.pem', keyFile: '/etc/promline/server.key' },
      maxBodyBytes: 2 ** 20,
      maxDecodedBytes: 2 * 2 ** 20,
      maxPendingBytes: 3 * 2 ** 20,
      readTimeoutMs: 10_000,
      writeTimeoutMs: 20_000,
      maxFutureMs: 0,
    })
    const [primary, another, third] = section?.clients ?? []
    expect(primary).toMatchObject({ name: 'nats-primary', onConflict: 'refuse', tenant: 'team-a', maxPendingBytes: 64 * 2 ** 20 })
    expect(primary?.enforcedLabels).toMatchObject({ length: 2 })
    expect(another?.credentials).toEqual([
      { kind: 'basic', username: 'another', passwordFile: '/etc/promline/another.password' },
      { kind: 'bearer', name: 'another-cluster', tokenFile: '/etc/promline/another.token' },
    ])
    expect(third?.credentials.map(({ kind }) => kind)).toEqual(['basic', 'bearer'])
    const shown = JSON.stringify(section)
    for (const secret of [hash, 'hunter2', 't0ken']) expect(shown).not.toContain(secret)
  })

  const client = (more: string): string => `clients: [{ name: a, ${more} }]`
  const refused: readonly [section: string, message: string][] = [
    ['port: 1', '1:26: remote_write_receiver.port: unknown key'],
    ['listen: nowhere', '1:34: remote_write_receiver.listen: listen address "nowhere" is not host:port, [IPv6]:port or :port'],
    ['path: write', '1:32: remote_write_receiver.path: path "write" is not one: expected / and no "?", "#" or blank, and not /-/healthy'],
    ['tls_server_config: { cert_file: a }', '1:45: remote_write_receiver.tls_server_config: key_file is required'],
    [
      'clients: []',
      '1:35: remote_write_receiver.clients: clients: a list without clients lets nobody in; leave it out to let everybody write',
    ],
    ['clients: [{ labels: { a: b } }]', '1:36: remote_write_receiver.clients[0]: name is required'],
    [
      'clients: [{ name: a b }]',
      '1:44: remote_write_receiver.clients[0].name: remote-write receiver: client "a b": a name is 1 to 64 letters, digits, "-", "_" and "."',
    ],
    [client(''), '1:36: remote_write_receiver.clients[0]: basic_auth or authorization is required'],
    [client('basic_auth: { password: p }'), '1:59: remote_write_receiver.clients[0].basic_auth: username is required'],
    [
      client('basic_auth: { username: u }'),
      '1:59: remote_write_receiver.clients[0].basic_auth: password, password_file or password_hash is required',
    ],
    [
      client('basic_auth: { username: u, password: p, password_hash: h }'),
      '1:102: remote_write_receiver.clients[0].basic_auth.password_hash: password and password_hash exclude each other',
    ],
    [
      client('basic_auth: { username: u, password_hash: hunter2 }'),
      '1:36: remote_write_receiver.clients[0]: remote-write receiver: client "a": the password hash is not one of bcrypt: expected $2a$, $2b$ or $2y$, a cost and 53 characters',
    ],
    [
      client('basic_auth: { username: u, password: "" }'),
      '1:36: remote_write_receiver.clients[0]: remote-write receiver: client "a": the password of "u" is empty',
    ],
    [
      client('authorization: { credentials: two words }'),
      '1:36: remote_write_receiver.clients[0]: remote-write receiver: client "a": the token of "a" is empty or holds what a header cannot carry: expected visible ASCII without blanks',
    ],
    [
      client('authorization: { credentials: x }, label: { cluster: a }'),
      '1:82: remote_write_receiver.clients[0].label: unknown key; did you mean labels?',
    ],
    [client('authorization: {}'), '1:62: remote_write_receiver.clients[0].authorization: credentials or credentials_file is required'],
    [
      client('authorization: { type: Digest, credentials: x }'),
      '1:70: remote_write_receiver.clients[0].authorization.type: "Digest" is not Bearer',
    ],
    [
      client('authorization: { credentials: x }, labels: { __name__: b }'),
      '1:36: remote_write_receiver.clients[0]: remote-write receiver: client "a": __name__ cannot be enforced',
    ],
    [
      client('authorization: { credentials: x }, labels: { cluster: "" }'),
      '1:101: remote_write_receiver.clients[0].labels.cluster: an enforced label needs a value',
    ],
    [
      'clients: [{ name: a, authorization: { credentials: x } }, { name: a, authorization: { credentials: y } }]',
      '1:84: remote_write_receiver.clients[1]: remote-write receiver: client "a": the name is given twice',
    ],
    [
      'clients: [{ name: a, authorization: { credentials: x } }, { name: b, authorization: { credentials: x } }]',
      '1:84: remote_write_receiver.clients[1]: remote-write receiver: client "b": its token is that of client "a"',
    ],
    ['write_timeout: 2h', '1:41: remote_write_receiver.write_timeout: must be at most 1h, not 2h'],
    ['max_pending_bytes: 0', '1:45: remote_write_receiver.max_pending_bytes: must be at least 1B, not 0B'],
  ]
  for (const [section, message] of refused) {
    it(`refuses ${section}`, () => {
      expect(() => parse(`remote_write_receiver: { ${section} }`)).toThrow(
        expect.objectContaining({ message: `/etc/promline/a.yml:${message}` }),
      )
    })
  }
})
