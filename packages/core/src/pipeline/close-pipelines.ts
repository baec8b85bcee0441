import { type Clock, systemClock } from '../model/clock.js'
import { CloseDeadline } from './close-deadline.js'
import type { CloseOptions, Pipeline } from './pipeline.js'

/** The deadline of a single pipeline's close, too: see `CloseOptions`. */
const defaultDeadlineMs = 5_000

/**
 * Closes pipelines in the order of the flow, so that what the first delivers still goes through the next, under one deadline. Each may use
 * its even share of what remains, so that a sink that is down in one does not take the time of those after it. All are closed, whatever
 * one of them says; then rejects with the first error.
 */
export async function closePipelines(
  pipelines: readonly Pipeline[],
  options: CloseOptions & { readonly clock?: Clock } = {},
): Promise<void> {
  const deadline = new CloseDeadline(options.clock ?? systemClock, options.deadlineMs ?? defaultDeadlineMs)
  const errors: unknown[] = []
  for (const [i, pipeline] of pipelines.entries()) {
    const deadlineMs = deadline.remainingMs / (pipelines.length - i)
    await pipeline.close({ deadlineMs }).catch((error: unknown) => errors.push(error))
  }
  if (errors.length > 0) throw errors[0]
}
