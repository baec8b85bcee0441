import type { ServerResponse } from 'node:http'
import { answer, type Clock, type Logger, toError } from '@promline/core'
import { late, withinMs } from './scrape-deadline.js'

/** Whether the exporter is ready; a text says why it is not. */
export type Readiness = boolean | string

/** Kubernetes gives a probe a second. */
const readyTimeoutMs = 900

/** Answers `/-/ready`. Never rejects: a check that throws or hangs is not ready. */
export async function answerReady(
  response: ServerResponse,
  ready: () => Readiness | Promise<Readiness>,
  { logger, clock }: { logger: Logger; clock: Clock },
): Promise<void> {
  const check = async (): Promise<Readiness> => ready()
  let readiness: Readiness
  try {
    const checked = await withinMs(check(), readyTimeoutMs, clock)
    readiness = checked === late ? `the check did not answer within ${readyTimeoutMs} ms` : checked
  } catch (thrown) {
    const error = toError(thrown)
    logger.error({ error }, `The check of readiness failed: ${error.message}`)
    readiness = 'the check failed; the log of the exporter says why'
  }
  if (readiness === true) answer(response, 200, 'The exporter is ready.\n')
  else answer(response, 503, readiness === false ? 'The exporter is not ready.\n' : `The exporter is not ready: ${readiness}.\n`)
}
