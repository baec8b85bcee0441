import { isPromlineError, type Logger, type Source } from '@promline/core'
import { untilStopped } from '../until-stopped.js'

/** A source that goes silent where it would fail. */
export interface EnduringSource extends Source {
  /** Why it is silent, in words; undefined while it is not. */
  problem(): string | undefined
}

/**
 * A source that cannot take its port, or use its certificate, says so once and stays silent; what else the program does goes on, and what lies in the spool is
 * delivered.
 */
export function enduringSource(source: Source, logger: Logger): EnduringSource {
  let problem: string | undefined
  return {
    name: source.name,
    problem: () => problem,
    async run(consume, options) {
      try {
        await source.run(consume, options)
      } catch (error) {
        if (!isPromlineError(error, 'address') && !isPromlineError(error, 'tls')) throw error
        problem = error.message
        logger.error({ source: source.name }, `${error.message}; the rest goes on without it`)
        await untilStopped(options.signal)
      }
    },
  }
}
