import {
  type Clock,
  type HttpClientOptions,
  type Logger,
  maxTimerMs,
  PromlineError,
  silentLogger,
  splitUser,
  systemClock,
} from '@promline/core'
import { parseHttpUrl } from '../http-url.js'

/** Options of `createPushgateway`. */
export interface PushgatewayOptions {
  /**
   * The server, with the path that it is behind: `http://pushgateway:9091`. Its user information is the login where `http` has none; a query
   * is refused.
   */
  readonly url: string
  /** Credentials, TLS and headers. Redirects are never followed. */
  readonly http?: Omit<HttpClientOptions, 'followRedirects'>
  /** One attempt is given up after this, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number
  /** A push is given up after this, with its collection, attempts and pauses, in milliseconds. Default 30,000. */
  readonly deadlineMs?: number
  /** Compress bodies. Default false: a push is small, and Pushgateways before 1.5 refuse a compressed one. */
  readonly gzip?: boolean
  /** Told of attempts that are made again. */
  readonly logger?: Logger
  readonly clock?: Clock
  /** From 0 to 1, exclusive: spreads the pauses between attempts. */
  readonly random?: () => number
}

/** Complete and checked options. */
export interface PushgatewayConfig {
  /** Without a slash at its end; what follows is `/metrics/job/...`. */
  readonly baseUrl: string
  readonly http: HttpClientOptions
  readonly timeoutMs: number
  readonly deadlineMs: number
  readonly gzip: boolean
  readonly logger: Logger
  readonly clock: Clock
  readonly random: () => number
}

/** Prometheus' scrape timeout: a Pushgateway that takes longer to answer is not well. */
const defaultTimeoutMs = 10_000
/** A restart of the server fits in; a job that has ended is not held up for longer, and has not yet been killed for not ending. */
const defaultDeadlineMs = 30_000

/** Fills in the defaults. Throws a PromlineError (`options`) that names the option. */
export function validatePushgatewayOptions(options: PushgatewayOptions): PushgatewayConfig {
  const { timeoutMs = defaultTimeoutMs, deadlineMs = defaultDeadlineMs, http = {} } = options
  assertMs('timeoutMs', timeoutMs)
  assertMs('deadlineMs', deadlineMs)
  const { url, user } = splitUser(assertUrl(options.url))
  const hasCredentials = http.basicAuth !== undefined || http.authorization !== undefined
  return {
    baseUrl: url.replace(/\/+$/, ''),
    http: { ...http, followRedirects: false, ...(user !== undefined && !hasCredentials && { basicAuth: user }) },
    timeoutMs,
    deadlineMs,
    gzip: options.gzip ?? false,
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  }
}

function assertUrl(text: string): string {
  const url = parseHttpUrl(text)
  // The text may hold a password: it is not quoted.
  if (url === undefined) throw optionError('url', 'url is not an absolute http or https URL')
  if (/[?#]/.test(text)) throw optionError('url', 'url must have neither a query nor a fragment')
  if (!canDecode(url.username + url.password)) {
    throw optionError('url', 'url has a login that is not percent-encoded: "%" is written %25')
  }
  return text
}

function canDecode(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

function assertMs(option: string, ms: number): void {
  if (Number.isFinite(ms) && ms >= 1 && ms <= maxTimerMs) return
  throw optionError(option, `${option} must be from 1 to ${maxTimerMs}, not ${ms}`)
}

function optionError(option: string, message: string): PromlineError {
  return new PromlineError('options', `Pushgateway: ${message}`, { facts: { option } })
}
