import { loadConfig, webConfigFile } from '@promline/core'
import {
  accountsText,
  createLog,
  openDataFolder,
  parseLogLevel,
  readArguments,
  stopOnSignals,
  UsageError,
} from '@promline/example-pipeline/program-parts'
import { createAgent } from '@promline/remote-write/agent'
import { readConfigFile } from '../config/read-config-file.js'
import type { Role } from './role.js'

const help = `promline federation agent: scrapes what a stock prometheus.yml says and remote-writes it, through a spool on disk

Usage: node dist/main.js agent --config.file FILE [options]

  --config.file FILE            a prometheus.yml; \${NAME} and \${NAME:-default} in it are environment variables
  --storage.agent.path DIR      where the spool is kept (default: ./data-agent)
  --web.listen-address ADDRESS  /metrics, /-/healthy and /-/ready (default: 127.0.0.1:8889)
  --web.config.file FILE        TLS and users of that address, in Prometheus' format (default: plain HTTP, for everybody)
  --scrape-at-once              the first scrapes come at once instead of spread over their interval
  --log-level LEVEL             debug, info, warn, error (default: info)
  --version                     print the version and exit
  --help                        print this and exit

SIGINT or SIGTERM: stops scraping, sends for at most 5 seconds, prints the accounts; what is left is in the spool for the next start.
`

/** The agent of a cluster. */
export const agent: Role = {
  help,
  async run(args) {
    const options = readArguments(args, {
      'config.file': { type: 'string' },
      'storage.agent.path': { type: 'string', default: './data-agent' },
      'web.listen-address': { type: 'string', default: '127.0.0.1:8889' },
      'scrape-at-once': { type: 'boolean', default: false },
      'web.config.file': { type: 'string' },
      'log-level': { type: 'string', default: 'info' },
    })
    const file = options['config.file']
    if (file === undefined || file === '') throw new UsageError('--config.file is needed (see --help)')
    const logger = createLog(parseLogLevel(options['log-level']))
    const config = loadConfig(await readConfigFile(file, process.env), { file, logger })
    const webConfig = options['web.config.file']
    const dataDir = options['storage.agent.path']
    await openDataFolder(dataDir)
    const program = createAgent({
      config,
      dataDir,
      listen: options['web.listen-address'],
      ...(webConfig !== undefined && { webConfig: webConfigFile(webConfig) }),
      scrapeAtOnce: options['scrape-at-once'],
      logger,
    })
    await program.run({ signal: stopOnSignals() })
    process.stdout.write(accountsText([program.pipeline]))
  },
}
