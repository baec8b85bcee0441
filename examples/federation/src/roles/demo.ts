import {
  createLog,
  parseLogLevel,
  readArguments,
  stopOnSignals,
  untilStopped,
  UsageError,
  version,
} from '@promline/example-pipeline/program-parts'
import { addressTable } from '../demo/address-table.js'
import { type Federation, startFederation } from '../demo/federation.js'
import { type Pace, type PaceName, paces } from '../demo/pace.js'
import { defaultPorts, takeFreePorts } from '../demo/ports.js'
import type { Role } from './role.js'

const help = `promline federation: two clusters and a centre on this machine, on real servers

Usage: node dist/main.js [demo] [options]
       node dist/main.js ROLE --help        one part alone, for a container of its own: ROLE is one of
                                            agent, centre, jobs, nats-exporter, usdt-exporter

  --data DIR         where everything keeps its data (default: ./promline-federation)
  --free-ports       takes free ports instead of the usual ones
  --pace NAME        demo: a scrape every 5 s, batch jobs every minute, alerts as in production (default)
                     fast: a scrape every second, batch jobs every 5 s, alerts ${paces.fast.rulesFaster} times faster
  --log-level LEVEL  debug, info, warn, error (default: info)
  --version          print the version and exit
  --help             print this and exit

Ctrl-C or SIGTERM stops everything that was started, in the order of the flow; what was measured stays in --data.

Exit status: 0 stopped in order, 1 could not start, 2 wrong use.
`

/** Everything on this machine. */
export const demo: Role = {
  help,
  async run(args) {
    const options = readArguments(args, {
      data: { type: 'string', default: './promline-federation' },
      'free-ports': { type: 'boolean', default: false },
      pace: { type: 'string', default: 'demo' },
      'log-level': { type: 'string', default: 'info' },
    })
    const dataDir = options.data
    if (dataDir === '') throw new UsageError('--data must name a folder (see --help)')
    const pace = parsePace(options.pace)
    const logger = createLog(parseLogLevel(options['log-level']))
    const signal = stopOnSignals()
    const ports = options['free-ports'] ? await takeFreePorts() : defaultPorts
    logger.info({}, `promline ${version}: starting two clusters and a centre, data in ${dataDir}`)
    let federation: Federation
    try {
      federation = await startFederation({ dataDir, ports, pace, logger, signal })
    } catch (error) {
      if (signal.aborted) return
      throw error
    }
    process.stdout.write(addressTable(federation))
    await untilStopped(signal)
    logger.info({}, 'stopping: jobs, agent, centre, and everything else')
    await federation.stop()
    logger.info({}, 'stopped')
  },
}

function parsePace(text: string): Pace {
  const names: readonly PaceName[] = ['demo', 'fast']
  const name = names.find((one) => one === text)
  if (name === undefined) throw new UsageError(`--pace ${text}: one of ${names.join(', ')}`)
  return paces[name]
}
