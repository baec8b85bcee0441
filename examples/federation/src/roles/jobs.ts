import { createLog, parseLogLevel, readCommand, stopOnSignals, UsageError } from '@promline/example-pipeline/program-parts'
import { createPushgateway } from '@promline/exporter-kit'
import { batchJobs, isJobName, type JobName } from '../jobs/jobs.js'
import { runJobs } from '../jobs/run-job.js'
import { runJobsEvery } from '../jobs/run-jobs-every.js'
import { parseInterval } from './parse-interval.js'
import type { Role } from './role.js'

const names = batchJobs.map(({ name }) => name)

const help = `promline federation jobs: runs the batch jobs and pushes how they went

Usage: node dist/main.js jobs --pushgateway URL [options] [NAME]...

  NAME                 which jobs: ${names.join(', ')} (default: all of them)
  --pushgateway URL    where they push to: http://127.0.0.1:9091
  --interval DURATION  from one run to the next (default: 5m)
  --once               one run, for a scheduler such as cron or a CronJob; a job that fails is exit status 1
  --fail NAME          a job that is to fail; as often as there are
  --log-level LEVEL    debug, info, warn, error (default: info)
  --version            print the version and exit
  --help               print this and exit
`

/** The batch jobs. */
export const jobs: Role = {
  help,
  async run(args) {
    const { values: options, words } = readCommand(args, {
      pushgateway: { type: 'string' },
      interval: { type: 'string', default: '5m' },
      once: { type: 'boolean', default: false },
      fail: { type: 'string', multiple: true, default: [] },
      'log-level': { type: 'string', default: 'info' },
    })
    const url = options.pushgateway
    if (url === undefined || url === '') throw new UsageError('--pushgateway is needed (see --help)')
    const only = parseJobNames(words)
    const failing = parseJobNames(options.fail)
    const intervalMs = parseInterval('interval', options.interval)
    const logger = createLog(parseLogLevel(options['log-level']))
    const signal = stopOnSignals()
    const gateway = createPushgateway({ url, logger })
    const run = { gateway, failing, signal, logger, ...(only.length > 0 && { only }) }
    if (options.once) {
      const outcomes = await runJobs(run)
      if (outcomes.some(({ error }) => error !== undefined)) process.exitCode = 1
    } else await runJobsEvery({ ...run, intervalMs })
    await gateway.close()
  },
}

function parseJobNames(given: readonly string[]): JobName[] {
  return given.map((name) => {
    if (!isJobName(name)) throw new UsageError(`there is no job ${JSON.stringify(name)}: one of ${names.join(', ')}`)
    return name
  })
}
