import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Asks a client that waits for it (`expect: 100-continue`) for its body once somebody reads it. Node asks at once, for bodies as well that
 * are refused: of those who prove nothing, or that are too large.
 */
export function continueOnceRead(request: IncomingMessage, response: ServerResponse): void {
  const onListener = (event: string | symbol): void => {
    if (event !== 'data' && event !== 'readable') return
    request.off('newListener', onListener)
    if (!response.headersSent) response.writeContinue()
  }
  request.on('newListener', onListener)
}
