import { isUtf8 } from 'node:buffer'
import { timingSafeEqual } from 'node:crypto'
import { type Clock, systemClock } from '../model/clock.js'
import { toError } from '../model/errors.js'
import { type Logger, silentLogger } from '../model/logger.js'
import { digestOf, expectedAuthorization, normalizeAuthorization } from './authenticate.js'
import { compareBcrypt, type ComparePassword } from './bcrypt-thread.js'
import { CachedFile } from './cached-file.js'
import { type Credential, type FileCredential, type HashedCredential, type PlainCredential, validateCredential } from './credential.js'
import { type Login, PasswordChecks } from './password-checks.js'
import { Secret } from './secret.js'

export interface AuthenticatorOptions {
  /** Passwords to be hashed at one time, the one under way among them; above it a login is `busy`. Default 16, a second at cost 10. */
  readonly maxWaiting?: number
  /** Default: bcrypt in a thread of its own. */
  readonly compare?: ComparePassword
  /** Whose a credential is. A secret that two owners turn out to have, since files hold the same, proves nothing. Default: all are of one. */
  readonly ownerOf?: (credential: Credential) => unknown
  /** Told once of a file that cannot be read, until it can. Default: silent. */
  readonly logger?: Logger
  readonly clock?: Clock
}

/** Knows who may come in. */
export interface Authenticator {
  /**
   * The credential that an `authorization` header proves; undefined: none; `busy`: too many passwords wait to be hashed, come again. A
   * promise only where a password is hashed for the first time, or a file is looked at (once a second at most): what a server is asked all
   * the time costs a SHA-256. The promise rejects with a PromlineError (`unavailable`) where hashing is impossible.
   */
  check(header: string | undefined): Login<Credential> | Promise<Login<Credential>>
}

const defaultMaxWaiting = 16
/** How old what is known of files may be: a secret that was changed is accepted after a second. */
const lookAgainMs = 1000

/**
 * Compares secrets in constant time, always all of them, and hashes a password for an unknown user as well, so that an answer's time tells
 * nobody who is known (as far as the hashes have one cost). The result for a user and a password is remembered. Throws a PromlineError
 * (`options`) for a credential that cannot be proven: a username with a colon, a hash that is not bcrypt's.
 */
export function createAuthenticator(credentials: readonly Credential[], options: AuthenticatorOptions = {}): Authenticator {
  for (const credential of credentials) validateCredential(credential)
  return new HeaderAuthenticator(credentials, options)
}

/** A credential whose secret is known at present. */
interface KnownSecret {
  readonly credential: Credential
  /** Of the header that proves it. */
  readonly digest: Buffer
}

class HeaderAuthenticator implements Authenticator {
  readonly #plain: readonly KnownSecret[]
  /** All that are known at present: the plain ones, and those of files. */
  #known: readonly KnownSecret[]
  readonly #passwords: PasswordChecks | undefined
  readonly #files: readonly CredentialFile[]
  readonly #ownerOf: (credential: Credential) => unknown
  readonly #logger: Logger
  readonly #clock: Clock
  /** The log has said that two owners have one secret. */
  #toldShared = false
  #lookedMs = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | undefined

  constructor(credentials: readonly Credential[], options: AuthenticatorOptions) {
    const { maxWaiting = defaultMaxWaiting, compare = compareBcrypt, logger = silentLogger, clock = systemClock } = options
    const hashed = credentials.filter(isHashed)
    this.#plain = credentials.filter(isPlain).map((credential) => ({ credential, digest: digestOf(expectedAuthorization(credential)) }))
    this.#known = this.#plain
    this.#passwords = hashed.length === 0 ? undefined : new PasswordChecks(hashed, { compare, maxWaiting })
    this.#files = credentials.filter(isFile).map((credential) => new CredentialFile(credential, logger))
    this.#ownerOf = options.ownerOf ?? (() => undefined)
    this.#logger = logger
    this.#clock = clock
  }

  check(header: string | undefined): Login<Credential> | Promise<Login<Credential>> {
    if (this.#files.length === 0 || this.#clock.monotonicMs() - this.#lookedMs < lookAgainMs) return this.#check(header)
    return this.#look().then(() => this.#check(header))
  }

  #check(header: string | undefined): Login<Credential> | Promise<Login<Credential>> {
    const said = normalizeAuthorization(header ?? '')
    const digest = digestOf(said)
    let proven: Credential | undefined
    for (const known of this.#known) {
      if (!timingSafeEqual(digest, known.digest)) continue
      if (proven !== undefined && this.#ownerOf(proven) !== this.#ownerOf(known.credential))
        return this.#refuseShared(proven, known.credential)
      proven = known.credential
    }
    if (proven !== undefined || this.#passwords === undefined || !said.startsWith('basic ')) return proven
    const [, username = '', password] = /^basic ([^:]*):(.*)$/s.exec(said) ?? []
    return password === undefined ? undefined : this.#passwords.check({ username, password, key: digest.toString('base64') })
  }

  #refuseShared(one: Credential, other: Credential): undefined {
    if (this.#toldShared) return
    this.#toldShared = true
    const [first, second] = [one, other].map((credential) => JSON.stringify(nameOf(credential)))
    this.#logger.error({}, `nobody is let in by a secret that is both of ${first} and of ${second}`)
  }

  /** Requests that come together look together. */
  #look(): Promise<void> {
    this.#looking ??= Promise.all(this.#files.map((file) => file.look())).then(() => {
      this.#lookedMs = this.#clock.monotonicMs()
      this.#known = [...this.#plain, ...this.#files.flatMap(({ known }) => known ?? [])]
      this.#looking = undefined
    })
    return this.#looking
  }
}

/** A secret in a file. */
class CredentialFile {
  /** Undefined while there is no secret that could be proven. */
  known: KnownSecret | undefined
  readonly #credential: FileCredential
  readonly #file: CachedFile
  readonly #logger: Logger
  #content: Buffer | undefined
  #reported = false

  constructor(credential: FileCredential, logger: Logger) {
    this.#credential = credential
    this.#file = new CachedFile(credential.kind === 'basic' ? credential.passwordFile : credential.tokenFile)
    this.#logger = logger
  }

  /** Reads the file where it has changed. Never rejects: nobody is let in by a file that cannot be read, or is empty while it is written. */
  async look(): Promise<void> {
    try {
      const content = await this.#file.read()
      if (content === this.#content) return
      if (!isUtf8(content)) throw new Error(`the file ${this.#file.path} is not UTF-8`)
      const secret = content.toString('utf8').trim()
      if (secret === '') throw new Error(`the file ${this.#file.path} is empty`)
      const credential = withSecret(this.#credential, new Secret(secret))
      validateCredential(credential)
      this.#content = content
      this.known = { credential: this.#credential, digest: digestOf(expectedAuthorization(credential)) }
      this.#reported = false
    } catch (error) {
      this.#forget(toError(error))
    }
  }

  #forget(error: Error): void {
    this.known = undefined
    this.#content = undefined
    if (this.#reported) return
    this.#reported = true
    this.#logger.error(
      { error, file: this.#file.path },
      `nobody is let in as ${JSON.stringify(nameOf(this.#credential))}: ${error.message}`,
    )
  }
}

function nameOf(credential: Credential): string {
  return credential.kind === 'basic' ? credential.username : credential.name
}

function withSecret(credential: FileCredential, secret: Secret): PlainCredential {
  if (credential.kind === 'basic') return { kind: 'basic', username: credential.username, password: secret }
  return { kind: 'bearer', name: credential.name, token: secret }
}

function isHashed(credential: Credential): credential is HashedCredential {
  return 'passwordHash' in credential
}

function isPlain(credential: Credential): credential is PlainCredential {
  return 'password' in credential || 'token' in credential
}

function isFile(credential: Credential): credential is FileCredential {
  return 'passwordFile' in credential || 'tokenFile' in credential
}
