import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { createHttpClient, PromlineError, userAgent } from '@promline/core'
import type { MetricRegistry } from '../registry/metric-registry.js'
import { pushBody } from './push-body.js'
import { groupPath, type PushGroup } from './push-group.js'
import { type PushCommand, PushOperation } from './push-operation.js'
import { type PushgatewayOptions, validatePushgatewayOptions } from './pushgateway-options.js'

const compress = promisify(gzip)

/** A group and what is done to it. */
export interface PushRequest extends PushGroup {
  /** What is pushed: a `Registry` of prom-client, of @prometheus-io/client, or anything of that shape, in the text format. */
  readonly registry: MetricRegistry
  /** Gives the push up. */
  readonly signal?: AbortSignal
}

/** A group to be removed. */
export interface DeleteRequest extends PushGroup {
  /** Gives the request up. */
  readonly signal?: AbortSignal
}

/**
 * One Pushgateway. Calls may run at the same time. They resolve when the server has said 200 or 202, and reject with a PromlineError:
 * `options` for a group that cannot be pushed to, `encode` and `parse` for a registry that cannot be pushed, `status` with the server's
 * words for another answer (redirects are among them), `connect`, `timeout`, `tls` and `protocol` for a server that cannot be spoken to,
 * `unavailable` where the caller gave up, `closed` after `close`; and with what a metric throws. 408, 425, 429, 5xx and connections that
 * fail are tried again until the deadline, with growing pauses, or after what `Retry-After` asks for: pushing twice comes to the same as
 * pushing once.
 */
export interface Pushgateway extends AsyncDisposable {
  /** Replaces everything in the group (PUT). */
  push(request: PushRequest): Promise<void>
  /** Replaces what has the same metric names, and keeps the rest of the group (POST). */
  add(request: PushRequest): Promise<void>
  /** Removes the group (DELETE): the server does so soon after it has said 202. One that is not there is no error. */
  delete(request: DeleteRequest): Promise<void>
  /**
   * Lets pushes under way end, well or badly, with their collection and further attempts; later ones are refused. Connections that rest
   * keep no process alive. Safe to call twice.
   */
  close(): Promise<void>
}

/** Makes a client; nothing is sent yet. Throws a PromlineError (`options`). https://github.com/prometheus/pushgateway#api */
export function createPushgateway(options: PushgatewayOptions): Pushgateway {
  const config = validatePushgatewayOptions(options)
  const client = createHttpClient({ ...config.http, userAgent })
  const underWay = new Set<Promise<void>>()
  let closing: Promise<void> | undefined
  const send = async (method: PushCommand['method'], request: DeleteRequest, content: PushContent = { headers: {} }): Promise<void> => {
    if (closing !== undefined) throw new PromlineError('closed', 'the Pushgateway client is closed')
    const url = `${config.baseUrl}/metrics${groupPath(request)}`
    const pushed = new PushOperation(config, client, { method, url, signal: request.signal, ...content }).run()
    underWay.add(pushed)
    await pushed.finally(() => underWay.delete(pushed))
  }
  const sendRegistry = (method: PushCommand['method'], request: PushRequest): Promise<void> =>
    send(method, request, contentOf(request, config.gzip))
  // Not the client's own close: between two attempts it has nothing under way.
  const close = (): Promise<void> => (closing ??= Promise.allSettled(underWay).then(() => client.close()))
  return {
    push: (request) => sendRegistry('PUT', request),
    add: (request) => sendRegistry('POST', request),
    delete: (request) => send('DELETE', request),
    close,
    [Symbol.asyncDispose]: close,
  }
}

type PushContent = Pick<PushCommand, 'headers' | 'makeBody'>

function contentOf(request: PushRequest, gzipped: boolean): PushContent {
  return {
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', ...(gzipped && { 'content-encoding': 'gzip' }) },
    makeBody: async () => {
      const body = await pushBody(request.registry, request)
      return gzipped ? compress(body) : body
    },
  }
}
