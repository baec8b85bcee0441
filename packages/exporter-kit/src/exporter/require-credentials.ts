import { admit, type Credential, createAuthenticator, type Logger, PromlineError } from '@promline/core'
import type { ExporterHandler } from './exporter-handler.js'

/**
 * The handler behind a login, which every path asks for, as Prometheus' exporters do. Throws a PromlineError (`options`) for a credential
 * that nobody could prove, and for none at all.
 */
export function requireCredentials(handler: ExporterHandler, credentials: readonly Credential[], logger: Logger): ExporterHandler {
  if (credentials.length === 0) {
    const message = 'exporter: credentials are empty, so nobody could come in; leave them out to let everybody in'
    throw new PromlineError('options', message, { facts: { option: 'credentials' } })
  }
  const guard = { authenticator: createAuthenticator(credentials, { logger }), challenge: challengeFor(credentials) }
  return async (request, response) => {
    if ((await admit(request, response, guard)) !== undefined) await handler(request, response)
  }
}

/** https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1 */
function challengeFor(credentials: readonly Credential[]): string {
  const challenges = { basic: 'Basic realm="metrics", charset="UTF-8"', bearer: 'Bearer realm="metrics"' } as const
  return [...new Set(credentials.map(({ kind }) => challenges[kind]))].join(', ')
}
