import { type Counts, isPromlineError, PromlineError, retryAfterMs, statusClass, toError, zeroCounts } from '@promline/core'
import type { SendOutcome } from '@promline/core/delivery'
import type { LineAnswer } from './line-writer.js'

/** As much of a server's words as is kept: an error of InfluxDB quotes the line that it is about. */
const maxMessageLength = 256

/** What was written, for the outcome. */
export interface Written {
  readonly database: string
  readonly counts: Counts
  /** Wall clock, for a Retry-After that is a date. */
  readonly nowMs: number
}

/**
 * What an answer of InfluxDB means. 1.x answers 400 and 2.x 422 where it stored the good lines and dropped others (`partial write`): that
 * is delivered, less what was dropped, and never sent again. Other refusals of content stored nothing.
 */
export function classifyAnswer(answer: LineAnswer, written: Written): SendOutcome {
  const { status } = answer
  const says = messageOf(answer.body)
  const error = new PromlineError('status', `InfluxDB database ${written.database}: ${status}${says === '' ? '' : `: ${shorten(says)}`}`, {
    facts: { status, database: written.database },
  })
  if ((status === 400 || status === 422) && says.includes('partial write')) {
    const counts = { ...zeroCounts, samples: Math.min(refusedLines(answer.body, says), written.counts.samples) }
    return { status: 'delivered', rejected: { counts, reason: 'partial-write', message: error.message } }
  }
  // 1.x answers 500, and would for ever.
  if (status >= 500 && says.includes('retention policy not found')) return { status: 'retryable', error, blocked: error.message }
  const kind = statusClass(status)
  if (kind === 'ok' && isPage(answer)) return { status: 'retryable', error, blocked: "the URL answers with a page: it is not InfluxDB's" }
  if (kind === 'ok') return { status: 'delivered' }
  if (kind === 'blocked') return { status: 'retryable', error, blocked: blockedReason(status, written.database) }
  if (kind === 'retryable') {
    const waitMs = retryAfterMs(answer.retryAfter, written.nowMs)
    return { status: 'retryable', error, ...(waitMs !== undefined && { retryAfterMs: waitMs }) }
  }
  // A point that is written twice is the same point, so the good lines of a refused body may be looked for by sending parts of it.
  return { status: 'rejected', error, cause: kind === 'too-large' ? 'too-large' : 'invalid', divisible: true }
}

/** Whether this is for people: the login of a proxy, or InfluxDB's own user interface. */
function isPage({ contentType }: LineAnswer): boolean {
  return /^text\/html\b/i.test(contentType ?? '')
}

/** What it means that there was no answer. */
export function classifyError(thrown: unknown): SendOutcome {
  const error = toError(thrown)
  const needsPerson = isPromlineError(error, 'tls') || isPromlineError(error, 'options')
  return { status: 'retryable', error, ...(needsPerson && { blocked: error.message }) }
}

function blockedReason(status: number, database: string): string {
  if (status === 401) return 'InfluxDB refused the credentials'
  if (status === 403) return `no right to write to the database ${database}`
  if (status === 404) return `the database ${database} does not exist, or the URL is not InfluxDB's: create it or correct the URL`
  return 'the URL answers with a redirect'
}

/** The words of 1.x (`error`), 2.x (`message`) and 3 (`error`, and the first of its `data`); the whole body where it is something else. */
function messageOf(body: string): string {
  const parsed = parseObject(body)
  for (const name of ['message', 'error']) {
    const words = parsed?.[name]
    if (typeof words === 'string') return `${words}${firstOf(parsed?.['data'])}`
  }
  return body.trim()
}

/** What 3 says of the first line that it refused. */
function firstOf(data: unknown): string {
  const first: unknown = Array.isArray(data) ? data[0] : data
  if (typeof first !== 'object' || first === null || !('error_message' in first)) return ''
  const place = 'line_number' in first ? `line ${String(first.line_number)}: ` : ''
  return `: ${place}${String(first.error_message)}`
}

/**
 * How many lines a partial write left out, at least: what it says it dropped, or the lines that it could not parse (1.x does not count
 * these as dropped), or the entries of 3's list.
 */
function refusedLines(body: string, says: string): number {
  const dropped = Number(/dropped=(\d+)/.exec(says)?.[1] ?? 0)
  const unparsed = says.split("unable to parse '").length - 1
  const listed = parseObject(body)?.['data']
  return Math.max(1, dropped + unparsed, Array.isArray(listed) ? listed.length : 0)
}

function parseObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function shorten(text: string): string {
  return text.length <= maxMessageLength ? text : `${text.slice(0, maxMessageLength)}...`
}
