/** The longest that a server may ask us to wait: five minutes. More than that is a mistake, or an attack on our freshness. */
export const maxRetryAfterMs = 300_000

export interface BackoffOptions {
  readonly minBackoffMs: number
  readonly maxBackoffMs: number
  /** From 0 to 1, exclusive. */
  readonly random: () => number
}

/**
 * The sleep after the n-th failure in a row (n >= 1): drawn from 0 to a ceiling that starts at `minBackoffMs` and doubles up to
 * `maxBackoffMs`. Full jitter spreads senders best: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(failures: number, options: BackoffOptions): number {
  // 2^31 is beyond every ceiling, and keeps the power finite.
  const ceiling = Math.min(options.maxBackoffMs, options.minBackoffMs * 2 ** Math.min(failures - 1, 31))
  const drawn = options.random()
  // NaN would be no time at all.
  return Math.ceil((drawn >= 0 && drawn <= 1 ? drawn : 1) * ceiling)
}
