import { isUtf8 } from 'node:buffer'
import { createHash, timingSafeEqual } from 'node:crypto'
import type { PlainCredential } from './credential.js'

/**
 * The credential that an `authorization` header proves; undefined where it proves none. Digests are compared in constant time, and always
 * all of them, so that neither a name nor the length of a secret can be measured.
 */
export function authenticate(header: string | undefined, accepted: readonly PlainCredential[]): PlainCredential | undefined {
  const given = digestOf(normalizeAuthorization(header ?? ''))
  let proven: PlainCredential | undefined
  for (const credential of accepted) {
    if (timingSafeEqual(given, digestOf(expectedAuthorization(credential)))) proven = credential
  }
  return proven
}

/**
 * What a header says: `basic USER:PASSWORD` or `bearer TOKEN`; '' for everything else. The scheme's case does not matter (RFC 9110 11.1),
 * and base64 is compared by what it says, which must be UTF-8: all that is not would read alike.
 */
export function normalizeAuthorization(header: string): string {
  const match = /^(\w+) +(\S+) *$/.exec(header)
  if (match === null) return ''
  const [, scheme = '', value = ''] = match
  if (scheme.toLowerCase() === 'basic') {
    const said = Buffer.from(value, 'base64')
    return isUtf8(said) ? `basic ${said.toString('utf8')}` : ''
  }
  return scheme.toLowerCase() === 'bearer' ? `bearer ${value}` : ''
}

/** What a header must say, once normalized, to prove a credential. */
export function expectedAuthorization(credential: PlainCredential): string {
  if (credential.kind === 'bearer') return `bearer ${credential.token.reveal()}`
  return `basic ${credential.username}:${credential.password.reveal()}`
}

/** SHA-256: digests have one length, so that comparing them tells nothing of what they are of. */
export function digestOf(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest()
}
