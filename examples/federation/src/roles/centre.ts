import { accountsText, parsePipelineConfig, runProgram } from '@promline/example-pipeline'
import { createLog, parseLogLevel, readArguments, stopOnSignals, UsageError } from '@promline/example-pipeline/program-parts'
import { readConfigFile } from '../config/read-config-file.js'
import type { Role } from './role.js'

const help = `promline federation centre: takes remote write from the clusters, through a spool on disk, to a central Prometheus

Usage: node dist/main.js centre --config FILE [options]

  --config FILE      the sections remote_write_receiver, remote_write (from: receive), spool and console, as in examples/pipeline;
                     \${NAME} and \${NAME:-default} in it are environment variables
  --data DIR         where the spool and dead letters are kept (default: ./data-centre)
  --log-level LEVEL  debug, info, warn, error (default: info)
  --version          print the version and exit
  --help             print this and exit

SIGINT or SIGTERM: refuses new requests (the agents keep what they have), delivers for at most 5 seconds, prints the accounts.
`

/** The centre: the pipeline program, with a receiver in front and a Prometheus behind. */
export const centre: Role = {
  help,
  async run(args) {
    const options = readArguments(args, {
      config: { type: 'string' },
      data: { type: 'string', default: './data-centre' },
      'log-level': { type: 'string', default: 'info' },
    })
    const file = options.config
    if (file === undefined || file === '') throw new UsageError('--config is needed (see --help)')
    const logger = createLog(parseLogLevel(options['log-level']))
    const config = parsePipelineConfig(await readConfigFile(file, process.env), { file, logger, environment: process.env })
    const pipelines = await runProgram({ config, dataDir: options.data, scrapeAtOnce: false, logger }, stopOnSignals())
    process.stdout.write(accountsText(pipelines))
  },
}
