import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashSync } from 'bcryptjs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../model/clock.js'
import { type AuthenticatorOptions, createAuthenticator } from './authenticator.js'
import type { ComparePassword } from './bcrypt-thread.js'
import type { Credential, HashedCredential } from './credential.js'
import { Secret } from './secret.js'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`
const hashed = (username: string, password: string, cost = 4): HashedCredential => ({
  kind: 'basic',
  username,
  passwordHash: new Secret(hashSync(password, cost)),
})

const alice: Credential = { kind: 'basic', username: 'alice', password: new Secret('pä:ss') }
const carol = hashed('carol', 'càrol:s')
const carolsNext = hashed('carol', 'next')
const nobody = hashed('', 'x')
const agent: Credential = { kind: 'bearer', name: 'agent', token: new Secret('t0ken') }
const dave: Credential = { kind: 'basic', username: 'dave', password: new Secret('\ufffd') }
const accepted = [alice, carol, carolsNext, nobody, agent, dave]

const cases: [header: string | undefined, proven: Credential | undefined][] = [
  [undefined, undefined],
  ['', undefined],
  ['Basic', undefined],
  [basic('alice:pä:ss'), alice],
  [basic('alice:pä'), undefined],
  [basic('carol:càrol:s'), carol],
  [basic('carol:càrol:s').replace('Basic', 'BASIC  '), carol],
  [basic('carol:next'), carolsNext],
  [basic('carol:'), undefined],
  [basic('carol'), undefined],
  [basic('Carol:next'), undefined],
  [basic('carol:next\n'), undefined],
  [basic(':x'), nobody],
  [basic('mallory:next'), undefined],
  [basic('__proto__:next'), undefined],
  [basic(`carol:${carol.passwordHash.reveal()}`), undefined],
  ['Basic !!!', undefined],
  ['Bearer t0ken', agent],
  ['Bearer next', undefined],
  [`Bearer ${'x'.repeat(10_000)}`, undefined],
  ['Digest username="carol"', undefined],
  // What is not UTF-8 must not become a replacement character that other bytes become as well.
  [`Basic ${Buffer.from('dave:\xff', 'latin1').toString('base64')}`, undefined],
]

describe('createAuthenticator', () => {
  test.each(cases)('%j', async (header, proven) => {
    const authenticator = createAuthenticator(accepted)
    expect(await authenticator.check(header)).toBe(proven)
    // what is known by now is known at once
    expect(authenticator.check(header)).toBe(proven)
  })

  test('needs no promise for plain secrets', () => {
    const authenticator = createAuthenticator([alice, agent])
    expect(authenticator.check(basic('alice:pä:ss'))).toBe(alice)
    expect(authenticator.check(basic('alice:wrong'))).toBeUndefined()
    expect(authenticator.check('Bearer t0ken')).toBe(agent)
  })

  const refused: [credential: Credential, message: string][] = [
    [{ kind: 'basic', username: 'a:b', password: new Secret('x') }, 'username "a:b" must not contain ":"'],
    [{ kind: 'basic', username: 'a', password: new Secret('') }, 'the password of "a" is empty'],
    [
      { kind: 'bearer', name: 'a', token: new Secret('') },
      'the token of "a" is empty or holds what a header cannot carry: expected visible ASCII without blanks',
    ],
    [
      { kind: 'bearer', name: 'a', token: new Secret('t ken') },
      'the token of "a" is empty or holds what a header cannot carry: expected visible ASCII without blanks',
    ],
    [
      { kind: 'bearer', name: 'a', token: new Secret('tökén') },
      'the token of "a" is empty or holds what a header cannot carry: expected visible ASCII without blanks',
    ],
    [
      { kind: 'basic', username: 'a', passwordHash: new Secret('hunter2') },
      'the password hash is not one of bcrypt: expected $2a$, $2b$ or $2y$, a cost and 53 characters',
    ],
    [
      { kind: 'basic', username: 'a', passwordHash: new Secret(`$2b$03$${'a'.repeat(53)}`) },
      'the password hash is not one of bcrypt: expected $2a$, $2b$ or $2y$, a cost and 53 characters',
    ],
    [
      { kind: 'basic', username: 'a', passwordHash: new Secret(`$2b$17$${'a'.repeat(53)}`) },
      'the password hash has a cost of 17, above the limit of 16',
    ],
  ]
  test.each(refused)('refuses %j', (credential, message) => {
    expect(() => createAuthenticator([credential])).toThrow(message)
  })
})

/** Counts comparisons, and ends each when it is told to. */
function controlled() {
  const asked: { password: string; hash: string; resolve: (matches: boolean) => void; reject: (error: Error) => void }[] = []
  const compare: ComparePassword = (password, hash) =>
    new Promise((resolve, reject) => {
      asked.push({ password, hash, resolve, reject })
    })
  return { asked, compare }
}
/** All logins, whether they were known at once or not. */
const all = <T>(logins: readonly (T | Promise<T>)[]): Promise<T[]> => Promise.all(logins.map(async (login) => login))
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('passwords that are hashed', () => {
  const many = Array.from({ length: 100 }, (_, i) => basic(`carol:guess ${i}`))

  test('are hashed one at a time, and a bounded number waits', async () => {
    const { asked, compare } = controlled()
    const authenticator = createAuthenticator([carol], { compare, maxWaiting: 4 })
    const logins = many.map((header) => authenticator.check(header))
    await settle()
    expect(logins.filter((login) => login === 'busy')).toHaveLength(96)
    for (let i = 0; i < 4; i++) {
      expect(asked.map(({ password }) => password)).toEqual(many.slice(0, i + 1).map((_, j) => `guess ${j}`))
      asked[i]!.resolve(false)
      await settle()
    }
    expect(await all(logins.slice(0, 4))).toEqual([undefined, undefined, undefined, undefined])
    // there is room again
    expect(authenticator.check(many[50])).toBeInstanceOf(Promise)
  })

  test('are hashed once for requests that come together, and remembered, right and wrong ones', async () => {
    const { asked, compare } = controlled()
    const authenticator = createAuthenticator([carol], { compare, maxWaiting: 1 })
    const logins = Array.from({ length: 50 }, () => authenticator.check(basic('carol:right')))
    await settle()
    asked[0]!.resolve(true)
    expect(await all(logins)).toEqual(Array.from({ length: 50 }, () => carol))
    const wrong = authenticator.check(basic('carol:wrong'))
    await settle()
    asked[1]!.resolve(false)
    expect(await wrong).toBeUndefined()
    expect([authenticator.check(basic('carol:right')), authenticator.check(basic('carol:wrong'))]).toEqual([carol, undefined])
    expect(asked).toHaveLength(2)
  })

  test('let those in at once who came in before, whatever a brute force does', async () => {
    const asked: string[] = []
    const compare: ComparePassword = async (password) => {
      asked.push(password)
      return password === 'right'
    }
    const authenticator = createAuthenticator([carol], { compare })
    await authenticator.check(basic('carol:right'))
    // more than is remembered
    for (let i = 0; i < 3000; i++) await authenticator.check(basic(`carol:guess ${i}`))
    const flood = many.map((header) => authenticator.check(header))
    expect(authenticator.check(basic('carol:right'))).toBe(carol)
    await all(flood)
    expect(asked.filter((password) => password === 'right')).toHaveLength(1)
  })

  test('take as much work for unknown users, and for users with plain passwords, as for known ones', async () => {
    const { compare, asked } = controlled()
    const dave = hashed('dave', 'x', 5)
    const authenticator = createAuthenticator([carol, carolsNext, dave, alice], { compare })
    const work: string[][] = []
    for (const user of ['carol', 'dave', 'mallory', 'alice', '']) {
      const login = authenticator.check(basic(`${user}:wrong`))
      const from = asked.length
      for (let i = 0; i < 2; i++) {
        await settle()
        asked.at(-1)!.resolve(false)
      }
      expect(await login).toBeUndefined()
      work.push(asked.slice(from).map(({ hash }) => hash.slice(0, 7)))
    }
    // of the highest cost where there is nothing to compare with
    expect(work).toEqual([
      ['$2b$04$', '$2b$04$'],
      ['$2b$05$', '$2b$05$'],
      ['$2b$05$', '$2b$05$'],
      ['$2b$05$', '$2b$05$'],
      ['$2b$05$', '$2b$05$'],
    ])
  })

  test('a match with what stands for an unknown user counts for nobody', async () => {
    const authenticator = createAuthenticator([carol], { compare: async () => true })
    expect(await authenticator.check(basic('mallory:x'))).toBeUndefined()
    expect(await authenticator.check(basic('carol:x'))).toBe(carol)
  })

  test('users and passwords that read alike together are not taken for each other', async () => {
    const ab = hashed('ab', 'c')
    const authenticator = createAuthenticator([ab, hashed('a', 'x')])
    expect(await authenticator.check(basic('ab:c'))).toBe(ab)
    expect(await authenticator.check(basic('a:bc'))).toBeUndefined()
    expect(await authenticator.check(basic('a:b:c'))).toBeUndefined()
  })

  test('a failure is told to those who wait, and not remembered', async () => {
    const { asked, compare } = controlled()
    const authenticator = createAuthenticator([carol], { compare })
    const first = Promise.resolve(authenticator.check(basic('carol:x'))).catch((error: unknown) => error)
    await settle()
    asked[0]!.reject(new Error('the thread died'))
    expect(await first).toMatchObject({ message: 'the thread died' })
    const second = authenticator.check(basic('carol:x'))
    await settle()
    asked[1]!.resolve(true)
    expect(await second).toBe(carol)
  })
})

describe('secrets in files', () => {
  let folder = ''
  let nowMs = 0
  const logged: string[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'promline-'))
    logged.length = 0
    nowMs = 0
  })
  afterEach(() => rm(folder, { recursive: true }))

  const options: AuthenticatorOptions = {
    clock: { ...systemClock, monotonicMs: () => nowMs },
    logger: { debug() {}, info() {}, warn() {}, error: (_: object, message: string) => void logged.push(message) },
  }

  test('are looked at once a second', async () => {
    const tokenFile = join(folder, 'token')
    await writeFile(tokenFile, 'first\n')
    const credential: Credential = { kind: 'bearer', name: 'cluster-a', tokenFile }
    const authenticator = createAuthenticator([credential, agent], options)
    expect(await all(['Bearer first', 'Bearer t0ken', 'Bearer second'].map((header) => authenticator.check(header)))).toEqual([
      credential,
      agent,
      undefined,
    ])
    await writeFile(tokenFile, 'second\r\n')
    expect([authenticator.check('Bearer first'), authenticator.check('Bearer second')]).toEqual([credential, undefined])
    nowMs += 1000
    expect(await authenticator.check('Bearer first')).toBeUndefined()
    expect(authenticator.check('Bearer second')).toBe(credential)
  })

  test('let nobody in where they hold what no header can say', async () => {
    const tokenFile = join(folder, 'token')
    const passwordFile = join(folder, 'password')
    await writeFile(tokenFile, 'two words\n')
    await writeFile(passwordFile, Buffer.from([0xff, 0xfe]))
    const authenticator = createAuthenticator(
      [
        { kind: 'bearer', name: 'b', tokenFile },
        { kind: 'basic', username: 'u', passwordFile },
      ],
      options,
    )
    expect(await authenticator.check('Bearer two words')).toBeUndefined()
    expect(await authenticator.check(basic('u:\ufffd\ufffd'))).toBeUndefined()
    expect(logged.toSorted()).toEqual([
      'nobody is let in as "b": the token of "b" is empty or holds what a header cannot carry: expected visible ASCII without blanks',
      `nobody is let in as "u": the file ${passwordFile} is not UTF-8`,
    ])
  })

  test('prove nothing where two owners have the same, and say so once', async () => {
    const tokenFile = join(folder, 'token')
    const otherFile = join(folder, 'other')
    await writeFile(tokenFile, 'one')
    await writeFile(otherFile, 'two')
    const first: Credential = { kind: 'bearer', name: 'first', tokenFile }
    const second: Credential = { kind: 'bearer', name: 'second', tokenFile: otherFile }
    const apart = createAuthenticator([first, second], { ...options, ownerOf: (credential) => credential })
    const together = createAuthenticator([first, second], options)
    expect([await apart.check('Bearer one'), await apart.check('Bearer two')]).toEqual([first, second])
    await writeFile(otherFile, 'one')
    nowMs += 1000
    expect([await apart.check('Bearer one'), await apart.check('Bearer one')]).toEqual([undefined, undefined])
    expect(await together.check('Bearer one')).toBe(second)
    expect(logged).toEqual(['nobody is let in by a secret that is both of "first" and of "second"'])
    await writeFile(otherFile, 'two')
    nowMs += 1000
    expect(await apart.check('Bearer one')).toBe(first)
  })

  test('let nobody in while they are missing or empty', async () => {
    const passwordFile = join(folder, 'password')
    const credential: Credential = { kind: 'basic', username: 'u', passwordFile }
    const authenticator = createAuthenticator([credential], options)
    expect(await authenticator.check(basic('u:'))).toBeUndefined()
    nowMs += 1000
    expect(await authenticator.check(basic('u:'))).toBeUndefined()
    await writeFile(passwordFile, 'p')
    nowMs += 1000
    expect(await authenticator.check(basic('u:p'))).toBe(credential)
    await writeFile(passwordFile, '\n')
    nowMs += 1000
    expect(await authenticator.check(basic('u:p'))).toBeUndefined()
    expect(await authenticator.check(basic('u:'))).toBeUndefined()
    expect(logged).toEqual([
      `nobody is let in as "u": ENOENT: no such file or directory, stat '${passwordFile}'`,
      `nobody is let in as "u": the file ${passwordFile} is empty`,
    ])
  })
})
