import type { WireRequest } from '../transport.js'

/** Of requests that come again. */
const heads = new WeakMap<WireRequest, string>()

/** The head of a request, in Latin-1. A `host` among the headers counts instead of the URL's. */
export function formatRequestHead(request: WireRequest): string {
  if (request.comesAgain === undefined) return format(request)
  let head = heads.get(request)
  if (head === undefined) {
    head = format(request)
    heads.set(request, head)
  }
  return head
}

function format({ method, url, headers, body }: WireRequest): string {
  let head = `${method} ${url.pathname}${url.search} HTTP/1.1\r\n`
  if (headers['host'] === undefined) head += `host: ${url.host}\r\n`
  head += 'connection: keep-alive\r\n'
  for (const name of Object.keys(headers)) head += `${name}: ${headers[name]}\r\n`
  // RFC 9110 8.6: without it, a server would have to guess whether a body follows.
  if (body !== undefined || method === 'POST' || method === 'PUT') head += `content-length: ${body?.length ?? 0}\r\n`
  return `${head}\r\n`
}
