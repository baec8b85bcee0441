import { PromlineError } from '../model/errors.js'
import type { Secret } from './secret.js'

/** A credential whose secret is known: comparing costs next to nothing. */
export type PlainCredential =
  | { readonly kind: 'basic'; readonly username: string; readonly password: Secret }
  /** `name` says who it is, in logs and origins: it is not secret. */
  | { readonly kind: 'bearer'; readonly name: string; readonly token: Secret }

/**
 * A user of whom only the bcrypt hash of the password is known: `$2a$`, `$2b$` or `$2y$`, as `htpasswd -nB` makes it and Prometheus has it.
 * bcrypt looks at the first 72 bytes of a password.
 */
export interface HashedCredential {
  readonly kind: 'basic'
  readonly username: string
  readonly passwordHash: Secret
}

/** A credential whose secret stands in a file, which is read again when it changes; line ends around it do not count. */
export type FileCredential =
  | { readonly kind: 'basic'; readonly username: string; readonly passwordFile: string }
  | { readonly kind: 'bearer'; readonly name: string; readonly tokenFile: string }

/** What a server accepts in an `authorization` header. */
export type Credential = PlainCredential | HashedCredential | FileCredential

const bcryptHash = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/
/** Each step of the cost doubles the work: 16 takes some 5 s in JavaScript, and passwords are checked one at a time. */
const maxBcryptCost = 16

/** The cost of a bcrypt hash: 2^cost rounds. Throws a PromlineError (`options`), which does not quote the hash. */
export function bcryptCost(hash: string): number {
  const cost = Number(bcryptHash.exec(hash)?.[1] ?? Number.NaN)
  if (Number.isNaN(cost) || cost < 4) {
    throw new PromlineError('options', 'the password hash is not one of bcrypt: expected $2a$, $2b$ or $2y$, a cost and 53 characters')
  }
  if (cost > maxBcryptCost) {
    throw new PromlineError('options', `the password hash has a cost of ${cost}, above the limit of ${maxBcryptCost}`, {
      facts: { cost, maxBcryptCost },
    })
  }
  return cost
}

/** Refuses a credential that nobody could prove, or everybody. Throws a PromlineError (`options`). */
export function validateCredential(credential: Credential): void {
  if (credential.kind === 'bearer') {
    if ('token' in credential) validateToken(credential)
    return
  }
  const { username } = credential
  if (username.includes(':')) throw new PromlineError('options', `username ${JSON.stringify(username)} must not contain ":"`)
  if ('passwordHash' in credential) bcryptCost(credential.passwordHash.reveal())
  // Of a variable that was not set, as a rule; it would let everybody in who knows the name.
  if ('password' in credential && credential.password.reveal() === '') {
    throw new PromlineError('options', `the password of ${JSON.stringify(username)} is empty`)
  }
}

function validateToken({ name, token }: { readonly name: string; readonly token: Secret }): void {
  if (/^[\x21-\x7e]+$/.test(token.reveal())) return
  const message = `the token of ${JSON.stringify(name)} is empty or holds what a header cannot carry: expected visible ASCII without blanks`
  throw new PromlineError('options', message)
}
