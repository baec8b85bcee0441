import type { IncomingMessage, ServerResponse } from 'node:http'
import { answer, createHttpListener, type HttpListener, isPromlineError, type Logger, readRequestBody, toError } from '@promline/core'
import type { AlertLog } from './alert-log.js'

/** A group of a hundred alerts has some 100 KiB. */
const maxBodyBytes = 1024 * 1024
const bodyTimeoutMs = 10_000

/** Something that can be done to the running demo, at `POST /${path}`. Resolves with what to say. */
export interface ControlAction {
  readonly path: string
  run(): Promise<string> | string
}

export interface ControlServerOptions {
  readonly listen: string
  readonly actions: readonly ControlAction[]
  /** What `GET /` says. */
  readonly state: () => string
  readonly alerts: AlertLog
  readonly logger: Logger
}

/**
 * The demo's own port: its state at `/`, the alerts that came at `/alerts`, Alertmanager's webhook at `/webhook`, and the actions, for curl
 * and for scripts. A web page cannot call them: browsers send an `origin` with every POST to another place.
 */
export function createControlServer(options: ControlServerOptions): Promise<HttpListener> {
  const { listen, logger } = options
  return createHttpListener({ name: 'control', listen, logger, handler: (request, response) => handle(options, request, response) })
}

// oxlint-disable-next-line max-params -- a handler of node:http, bound to its options
async function handle(options: ControlServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0]?.slice(1) ?? ''
  if (request.headers.origin !== undefined) return answer(response, 403, 'not for web pages')
  if (path === '' || path === 'alerts') return answerGet(options, { request, response, path })
  const action = options.actions.find((one) => one.path === path)
  if (action === undefined && path !== 'webhook') return answer(response, 404, 'not found: / says what there is')
  if (request.method !== 'POST') return answer(response, 405, `method ${request.method} is not allowed: expected POST`, { allow: 'POST' })
  if (action === undefined) return takeAlerts(options, request, response)
  try {
    answer(response, 200, await action.run())
  } catch (error) {
    answer(response, 500, toError(error).message)
  }
}

interface GetRequest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly path: string
}

function answerGet({ state, alerts }: ControlServerOptions, { request, response, path }: GetRequest): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    answer(response, 405, `method ${request.method} is not allowed: expected GET`, { allow: 'GET, HEAD' })
  } else if (path === 'alerts') {
    answer(response, 200, JSON.stringify(alerts.notices, undefined, 2), { 'content-type': 'application/json' })
  } else {
    answer(response, 200, state())
  }
}

// oxlint-disable-next-line max-params -- a handler of node:http, bound to its options
async function takeAlerts({ alerts }: ControlServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await readRequestBody(request, { maxBytes: maxBodyBytes, timeoutMs: bodyTimeoutMs })
    alerts.take(Buffer.from(body).toString('utf8'), Date.now())
    answer(response, 200, 'taken')
  } catch (error) {
    if (!isPromlineError(error)) throw error
    const { status } = error.facts
    answer(response, typeof status === 'number' ? status : 400, error.message)
  }
}
