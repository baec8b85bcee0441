import type { WireRequest } from '../transport.js'

/** The head of a request, in Latin-1. A `host` among the headers counts instead of the URL's. */
export function formatRequestHead({ method, url, headers, body }: WireRequest): string {
  let head = `${method} ${url.pathname}${url.search} HTTP/1.1\r\n`
  if (headers['host'] === undefined) head += `host: ${url.host}\r\n`
  head += 'connection: keep-alive\r\n'
  for (const name of Object.keys(headers)) head += `${name}: ${headers[name]}\r\n`
  // RFC 9110 8.6: without it, a server would have to guess whether a body follows.
  if (body !== undefined || method === 'POST' || method === 'PUT') head += `content-length: ${body?.length ?? 0}\r\n`
  return `${head}\r\n`
}
