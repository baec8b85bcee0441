import { maxTimerMs, parseDurationMs } from '@promline/core'
import { UsageError } from '@promline/example-pipeline/program-parts'

/** The value of an option such as `--interval`: a duration as in prometheus.yml, in milliseconds. Throws a UsageError. */
export function parseInterval(option: string, text: string): number {
  const ms = parseDurationMs(text)
  if (ms === undefined || ms < 1 || ms > maxTimerMs)
    throw new UsageError(`--${option} ${text}: expected a duration like 15s or 5m (see --help)`)
  return ms
}
