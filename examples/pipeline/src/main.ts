import { fileURLToPath } from 'node:url'
import { isPromlineError, toError } from '@promline/core'
import { accountsText } from './accounts-text.js'
import { type CommandLine, helpText, parseCommandLine, UsageError } from './command-line.js'
import { loadPipelineConfig } from './config/load-pipeline-config.js'
import { createLog } from './log.js'
import { runProgram } from './program.js'
import { version } from './version.js'

/** What runs without --config. */
const embeddedConfig = fileURLToPath(new URL('../config/embedded.yml', import.meta.url))

try {
  await main(parseCommandLine(process.argv.slice(2)))
} catch (error) {
  process.exitCode = error instanceof UsageError ? 2 : 1
  // What a person can mend is one line; anything else is a fault of ours and says where it is.
  const known = error instanceof UsageError || isPromlineError(error)
  process.stderr.write(`promline: ${known ? error.message : (toError(error).stack ?? String(error))}\n`)
}

async function main(commandLine: CommandLine): Promise<void> {
  if (commandLine.instead === 'help') process.stdout.write(helpText)
  else if (commandLine.instead === 'version') process.stdout.write(`promline ${version}\n`)
  else await run(commandLine)
}

async function run({ configFile, dataDir, logLevel, instead }: CommandLine): Promise<void> {
  const logger = createLog(logLevel)
  const config = await loadPipelineConfig(configFile ?? embeddedConfig, { logger, environment: process.env })
  if (instead === 'check-config') {
    process.stdout.write(`${config.file}: ok\n`)
    return
  }
  logger.info({}, `promline ${version}: ${configFile === undefined ? 'embedded configuration' : config.file}, data in ${dataDir}`)
  const stop = stopOnSignals()
  const pipelines = await runProgram({ config, dataDir, scrapeAtOnce: configFile === undefined, logger }, stop)
  process.stdout.write(accountsText(pipelines))
}

/** The first signal stops in order; a second one at once: what is acknowledged is in the spool either way. */
function stopOnSignals(): AbortSignal {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) {
        process.stderr.write('promline: stopped at once; what was not delivered is in the spool\n')
        process.exit(1)
      }
      stop.abort()
    })
  }
  return stop.signal
}
