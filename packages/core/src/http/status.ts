/** What an HTTP status means for a sender: see `SendOutcome`. */
export type StatusClass = 'ok' | 'retryable' | 'blocked' | 'too-large' | 'invalid'

/** A server's wish to wait longer than this is not granted: the data would grow old for one wrong header. */
const maxRetryAfterMs = 5 * 60_000

/**
 * 2xx is ok; 408, 425, 429 and 5xx pass by themselves; 401, 403, 404 and redirects need a person; 413 may succeed in smaller pieces; what
 * is left says that the request itself is wrong.
 */
export function statusClass(status: number): StatusClass {
  if (status >= 200 && status < 300) return 'ok'
  if (status >= 500 || status === 408 || status === 425 || status === 429) return 'retryable'
  if (status === 401 || status === 403 || status === 404 || (status >= 300 && status < 400)) return 'blocked'
  return status === 413 ? 'too-large' : 'invalid'
}

/** A word for a blocked sink's state: why a person is needed. Undefined where the status does not block. */
export function blockedReason(status: number): string | undefined {
  if (statusClass(status) !== 'blocked') return undefined
  if (status === 401 || status === 403) return 'credentials'
  return status === 404 ? 'not found' : 'redirect'
}

/**
 * The wait that a `Retry-After` header asks for (RFC 9110 10.2.3: seconds, or a date), capped at 5 minutes. Undefined where it is absent,
 * unreadable, zero or past.
 */
export function retryAfterMs(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined
  const text = value.trim()
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : httpDateMs(text) - nowMs
  return waitMs > 0 ? Math.min(waitMs, maxRetryAfterMs) : undefined
}

/** An HTTP date always ends in GMT; `Date.parse` alone would take a number or a date of any form. */
function httpDateMs(text: string): number {
  return /^[A-Z][a-z]{2,8},? .* GMT$/.test(text) ? Date.parse(text) : Number.NaN
}
