import { PromlineError, toError } from '../model/errors.js'
import { CachedFile } from './cached-file.js'
import type { HttpClientOptions, SecretSource } from './client-options.js'
import { Secret } from './secret.js'

/** What makes the `authorization` header of a request; undefined where nothing is configured. A promise only where a file has to be read. */
export type AuthorizationReader = (url: URL) => string | undefined | Promise<string | undefined>

/**
 * Reads the credentials as they are at each request. A URL's own user information counts where nothing else is configured. The reader
 * fails with a PromlineError: `unavailable` where a file cannot be read, `options` where a secret cannot stand in a header.
 */
export function createAuthorizationReader(options: HttpClientOptions): AuthorizationReader {
  const { basicAuth, authorization } = options
  if (basicAuth !== undefined) {
    return withSecret(basicAuth.password, (password) => basic(basicAuth.username, password))
  }
  if (authorization !== undefined) {
    const type = authorization.type ?? 'Bearer'
    return withSecret(authorization.credentials, (credentials) => `${type} ${assertPrintable(credentials)}`)
  }
  return (url) =>
    url.username === '' && url.password === '' ? undefined : basic(decodeURIComponent(url.username), decodeURIComponent(url.password))
}

function withSecret(source: SecretSource, format: (secret: string) => string): AuthorizationReader {
  assertSecretSource(source)
  if ('value' in source) return () => format(source.value.reveal())
  const read = secretReader(source)
  return async () => format(await read())
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`
}

/** Reads a secret as it is at each call, without the line end of its file. Rejects with a PromlineError `unavailable`. */
export function secretReader(source: SecretSource): () => Promise<string> {
  assertSecretSource(source)
  if ('value' in source) return () => Promise.resolve(source.value.reveal())
  const file = new CachedFile(source.file)
  return async () => {
    try {
      // An editor's or a shell's line end is not part of the secret.
      return (await file.read()).toString('utf8').trim()
    } catch (error) {
      throw new PromlineError('unavailable', `cannot read the credentials: ${toError(error).message}`, { cause: error })
    }
  }
}

/** What a program without types may give instead: the secret itself. */
function assertSecretSource(source: SecretSource): void {
  const isSource =
    typeof source === 'object' && source !== null && ('value' in source ? source.value instanceof Secret : typeof source.file === 'string')
  if (!isSource) throw new PromlineError('options', 'a secret must be given as { value: new Secret(...) } or { file }')
}

function assertPrintable(secret: string): string {
  if (/^[\x20-\x7e]+$/.test(secret)) return secret
  throw new PromlineError('options', 'the credentials are empty or hold characters that a header cannot carry')
}
