import type { JobMetrics } from './job-metrics.js'
import { JobRun, type PushJobOptions } from './job-run.js'

/**
 * Runs a job and pushes how it went, with what it has set until then, also when it throws:
 *
 * - `<prefix>_duration_seconds`, `<prefix>_success` (1 or 0), `<prefix>_last_run_timestamp` (when it ended, in Unix seconds), and
 * - `<prefix>_last_success_timestamp`, of successes only.
 *
 * A success replaces the group (PUT): what the job does not set any more is gone. A failure is added to it (POST), so that the time of the
 * last success stays, and with it what this run did not come to. Nothing else should push to the same group.
 *
 * Resolves with the job's result. Rejects with what the job threw, as it is: a push that failed as well is logged as an error. Where only
 * the push failed it rejects with that error (see `Pushgateway`), unless `onPushError` is there to be told. Options are checked before
 * the job runs: a PromlineError (`options`).
 */
export async function pushJob<T>(
  name: string,
  job: (metrics: JobMetrics, options: { readonly signal: AbortSignal }) => T | Promise<T>,
  options: PushJobOptions,
): Promise<T> {
  const { signal = new AbortController().signal } = options
  const run = new JobRun(name, options)
  let result: T
  try {
    result = await job(run.metrics, { signal })
  } catch (thrown) {
    await run.pushFailure()
    throw thrown
  }
  await run.pushSuccess()
  return result
}
