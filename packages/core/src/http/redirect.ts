import { PromlineError } from '../model/errors.js'
import type { HttpResponseHead } from './client-options.js'

/** What goes to one URL: the request itself, or one step of a chain of redirects. */
export interface Hop {
  readonly url: URL
  /** False once a redirect has left the first origin; from then on nothing secret is sent, wherever the chain goes. */
  readonly trusted: boolean
}

/** The first hop of a request. Throws a PromlineError (`protocol`) for what is no http or https URL. */
export function firstHop(url: string): Hop {
  const parsed = parseHttpUrl(url)
  if (parsed === undefined) throw new PromlineError('protocol', 'the URL is not an absolute http or https URL')
  return { url: parsed, trusted: true }
}

/** Where a redirect leads; undefined for what is none. Throws a PromlineError (`protocol`) for one that must not be followed. */
export function nextHop(hop: Hop, { status, headers }: HttpResponseHead): Hop | undefined {
  const location = headers['location']
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined
  const url = parseHttpUrl(location, hop.url)
  if (url === undefined) throw new PromlineError('protocol', 'the redirect leads to no http or https URL')
  if (hop.url.protocol === 'https:' && url.protocol === 'http:') {
    throw new PromlineError('protocol', `the redirect to ${url.origin} would leave https`)
  }
  return { url, trusted: hop.trusted && url.origin === hop.url.origin }
}

function parseHttpUrl(text: string, base?: URL): URL | undefined {
  try {
    const url = new URL(text, base) // asking `canParse` first would parse twice
    return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined
  } catch {
    return undefined
  }
}
