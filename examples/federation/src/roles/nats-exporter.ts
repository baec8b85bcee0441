import { createLog, parseLogLevel, readArguments, stopOnSignals, untilStopped, UsageError } from '@promline/example-pipeline/program-parts'
import { startNatsExporter } from '../exporters/nats-exporter.js'
import { parseInterval } from './parse-interval.js'
import type { Role } from './role.js'

const help = `promline federation nats-exporter: the metrics of NATS servers, by the names of prometheus-nats-exporter

Usage: node dist/main.js nats-exporter --server URL [--server URL]... [options]

  --server URL         a server's monitoring address, such as http://127.0.0.1:8222; as often as there are servers
  --listen ADDRESS     /metrics, /-/healthy and /-/ready (default: 127.0.0.1:7777)
  --prefix NAME        before all names (default: nats)
  --interval DURATION  from one look at a server to the next (default: 10s)
  --web.config.file F  TLS and users of the listener, in Prometheus' format (default: plain HTTP, for everybody)
  --log-level LEVEL    debug, info, warn, error (default: info)
  --version            print the version and exit
  --help               print this and exit
`

/** The NATS exporter of a cluster. */
export const natsExporter: Role = {
  help,
  async run(args) {
    const options = readArguments(args, {
      server: { type: 'string', multiple: true, default: [] },
      listen: { type: 'string', default: '127.0.0.1:7777' },
      prefix: { type: 'string', default: 'nats' },
      interval: { type: 'string', default: '10s' },
      'web.config.file': { type: 'string' },
      'log-level': { type: 'string', default: 'info' },
    })
    if (options.server.length === 0) throw new UsageError('--server is needed (see --help)')
    const logger = createLog(parseLogLevel(options['log-level']))
    const signal = stopOnSignals()
    const exporter = await startNatsExporter({
      listen: options.listen,
      servers: options.server,
      prefix: options.prefix,
      intervalMs: parseInterval('interval', options.interval),
      ...(options['web.config.file'] !== undefined && { webConfigFile: options['web.config.file'] }),
      logger,
    })
    logger.info({}, `NATS exporter at ${exporter.url}/metrics`)
    await untilStopped(signal)
    await exporter.close()
  },
}
