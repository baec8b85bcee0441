import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { answer } from './answer.js'
import type { Authenticator } from './authenticator.js'
import type { Credential } from './credential.js'
import type { Login } from './password-checks.js'

/** What to answer to those who are not let in. */
export interface LoginRefusal {
  readonly status: 401 | 503
  readonly text: string
  readonly headers: OutgoingHttpHeaders
}

/**
 * The answer to a login that proved nothing (401), or that has to come again because too many passwords are being checked (503).
 *
 * @param challenge the value of `www-authenticate`: `Basic realm="metrics"`.
 */
export function refuseLogin(login: 'busy' | undefined, challenge: string): LoginRefusal {
  if (login === undefined) return { status: 401, text: 'credentials are missing or wrong', headers: { 'www-authenticate': challenge } }
  return { status: 503, text: 'too many passwords are being checked: come again', headers: { 'retry-after': '1' } }
}

export interface GuardOptions {
  readonly authenticator: Authenticator
  /** The value of `www-authenticate`. */
  readonly challenge: string
}

/**
 * The credential that a request proves; undefined where it proves none, and then it is answered: 401, or 503 where it must come again.
 * Rejects with a PromlineError (`unavailable`) where passwords cannot be checked at all.
 */
export async function admit(
  request: IncomingMessage,
  response: ServerResponse,
  { authenticator, challenge }: GuardOptions,
): Promise<Credential | undefined> {
  const login: Login<Credential> = await authenticator.check(request.headers.authorization)
  if (login !== undefined && login !== 'busy') return login
  const { status, text, headers } = refuseLogin(login, challenge)
  answer(response, status, text, headers)
  return undefined
}
