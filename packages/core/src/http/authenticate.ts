import { createHash, timingSafeEqual } from 'node:crypto'
import type { Secret } from './secret.js'

/** What a server accepts in an `authorization` header. */
export type Credential =
  | { readonly kind: 'basic'; readonly username: string; readonly password: Secret }
  /** `name` says who it is, in logs and origins: it is not secret. */
  | { readonly kind: 'bearer'; readonly name: string; readonly token: Secret }

/**
 * The credential that an `authorization` header proves; undefined where it proves none. Digests are compared in constant time, and always
 * all of them, so that neither a name nor the length of a secret can be measured.
 */
export function authenticate(header: string | undefined, accepted: readonly Credential[]): Credential | undefined {
  const given = digest(normalize(header ?? ''))
  let proven: Credential | undefined
  for (const credential of accepted) {
    if (timingSafeEqual(given, digest(expected(credential)))) proven = credential
  }
  return proven
}

/** The scheme's case does not matter (RFC 9110 11.1), and base64 is compared by what it says. */
function normalize(header: string): string {
  const match = /^(\w+) +(\S+) *$/.exec(header)
  if (match === null) return ''
  const [, scheme = '', value = ''] = match
  if (scheme.toLowerCase() === 'basic') return `basic ${Buffer.from(value, 'base64').toString('utf8')}`
  return scheme.toLowerCase() === 'bearer' ? `bearer ${value}` : ''
}

function expected(credential: Credential): string {
  if (credential.kind === 'bearer') return `bearer ${credential.token.reveal()}`
  return `basic ${credential.username}:${credential.password.reveal()}`
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest()
}
