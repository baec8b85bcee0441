import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  answer,
  authenticate,
  type Credential,
  createHttpListener,
  type HttpListener,
  type Logger,
  readSecret,
  Secret,
  toError,
} from '@promline/core'
import type { Console } from '@promline/example-console'
import type { Registry } from 'prom-client'
import type { ConsoleSection } from '../config/own-sections.js'

export interface ConsoleServerOptions {
  readonly section: ConsoleSection
  readonly console: Console
  readonly registry: Registry
  /** Why the program is not ready, in words; undefined where it is. */
  readonly notReady: () => string | undefined
  readonly logger: Logger
}

/** Serves the page, the program's own metrics, and what an orchestrator asks for. */
export async function serveConsole(options: ConsoleServerOptions): Promise<HttpListener> {
  const { section, logger } = options
  await warnOfPassword(section, logger)
  return createHttpListener({
    name: 'console',
    listen: section.listen,
    logger,
    handler: async (request, response) => {
      const path = request.url?.split('?', 1)[0] ?? '/'
      if (answerHealth(path, response, options)) return
      if (!(await isAllowed(request, section))) {
        answer(response, 401, 'credentials are needed', { 'www-authenticate': 'Basic realm="promline"' })
      } else if (path === '/metrics') {
        answer(response, 200, await options.registry.metrics(), { 'content-type': options.registry.contentType })
      } else if (!options.console.handle(request, response)) {
        answer(response, 404, 'not found: the page is at /, metrics are at /metrics')
      }
    },
  })
}

/** A password's file may come later, as a mounted secret does; until then whoever asks is refused, and the log says why from the start. */
async function warnOfPassword({ password }: ConsoleSection, logger: Logger): Promise<void> {
  if (password === undefined) return
  try {
    await readSecret(password)
  } catch (error) {
    logger.error({}, `console: ${toError(error).message}; nobody is let in until it can be read`)
  }
}

/** Orchestrators have no password, and learn nothing here that is worth one. */
function answerHealth(path: string, response: ServerResponse, options: ConsoleServerOptions): boolean {
  if (path === '/-/healthy') answer(response, 200, 'healthy')
  else if (path === '/-/ready') {
    const why = options.notReady()
    answer(response, why === undefined ? 200 : 503, why === undefined ? 'ready' : `not ready: ${why}`)
  } else return false
  return true
}

async function isAllowed(request: IncomingMessage, { username, password }: ConsoleSection): Promise<boolean> {
  if (password === undefined) return true
  const credential: Credential = { kind: 'basic', username, password: new Secret(await readSecret(password)) }
  return authenticate(request.headers.authorization, [credential]) !== undefined
}
