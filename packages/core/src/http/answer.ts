import { once } from 'node:events'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** How long the rest of a refused body is read and thrown away, so that the client reads the answer before the connection ends. */
const drainMs = 1000

/**
 * Answers with plain text and a line end. Where the request's body was not read to its end, the connection is closed afterwards, gently:
 * closing it at once would reset it, and the client would never see the answer.
 */
// oxlint-disable-next-line max-params -- the order of the wire reads best
export function answer(response: ServerResponse, status: number, text: string, headers: OutgoingHttpHeaders = {}): void {
  const body = Buffer.from(text === '' || text.endsWith('\n') ? text : `${text}\n`, 'utf8')
  const bodiless = status === 204 || status === 304
  const unread = !response.req.complete && hasBody(response.req)
  response.writeHead(status, {
    ...(!bodiless && { 'content-type': 'text/plain; charset=utf-8', 'content-length': body.length }),
    ...(unread && { connection: 'close' }),
    ...headers,
  })
  if (bodiless || response.req.method === 'HEAD') response.end()
  else if (!unread) response.end(body)
  else {
    response.write(body)
    drain(response.req).then(
      () => response.end(),
      () => response.destroy(),
    )
  }
}

/** `complete` alone does not say: while the handler runs it is still false for a request without a body. */
function hasBody(request: IncomingMessage): boolean {
  return request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
}

async function drain(request: IncomingMessage): Promise<void> {
  const signal = AbortSignal.timeout(drainMs)
  request.resume()
  try {
    await Promise.race([once(request, 'end', { signal }), once(request, 'close', { signal })])
  } catch {
    // The time is over or the client went away: either way the connection may end now.
  }
}
