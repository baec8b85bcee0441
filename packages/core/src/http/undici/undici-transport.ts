import { type Dispatcher, errors, request as undiciRequest } from 'undici'
import type { TlsConfig } from '../client-options.js'
import type { Deadline } from '../deadline.js'
import type { ResponseReceiver, Transport, WireRequest } from '../transport.js'
import type { Connector } from './connector.js'
import { Connectors } from './connectors.js'

/** TLS, and plain HTTP where the raw transport is switched off. */
export class UndiciTransport implements Transport {
  readonly #connectors: Connectors

  constructor(connectTimeoutMs: number, tls: TlsConfig | undefined) {
    this.#connectors = new Connectors(connectTimeoutMs, tls)
  }

  async exchange(request: WireRequest, receiver: ResponseReceiver, deadline: Deadline): Promise<void> {
    const connector = await deadline.race(request.trusted ? this.#connectors.own() : this.#connectors.foreign())
    const { origin } = request.url
    connector.enter(origin)
    deadline.phase = () => (connector.isConnecting(origin) ? 'connecting' : 'waiting for the answer')
    const send = () => deadline.race(dispatch(request, connector, deadline.signal))
    try {
      const response = await send().catch((error: unknown) => {
        if (request.method === 'GET' && isStaleConnection(error)) return send()
        throw error
      })
      deadline.phase = () => 'reading the body'
      await receive(response, receiver, deadline)
    } finally {
      connector.leave(origin)
    }
  }

  close(): Promise<void> {
    return this.#connectors.close()
  }
}

function dispatch(
  { url, method, headers, body }: WireRequest,
  connector: Connector,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  return undiciRequest(`${url.origin}${url.pathname}${url.search}`, {
    dispatcher: connector.agent,
    method,
    headers,
    body: body ?? null,
    signal,
  })
}

async function receive(response: Dispatcher.ResponseData, receiver: ResponseReceiver, deadline: Deadline): Promise<void> {
  const { body } = response
  try {
    receiver.head({ status: response.statusCode, headers: joinHeaders(response.headers) })
    const read = async () => {
      for await (const chunk of body) {
        if (!Buffer.isBuffer(chunk)) throw new TypeError('a body stream gives buffers')
        await receiver.write(chunk)
      }
    }
    await deadline.race(read())
  } catch (error) {
    // Whatever made the body useless: the connection goes with it, and what it still says is not an error of its own.
    body.on('error', () => {}).destroy()
    throw error
  }
}

/** Whether a kept connection had been closed by the server before it saw the request: worth one more try on a new one. */
function isStaleConnection(error: unknown): boolean {
  return error instanceof errors.SocketError && (error.socket?.bytesRead ?? 0) > 0
}

function joinHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const joined: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return joined
}
