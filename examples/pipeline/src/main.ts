import { fileURLToPath } from 'node:url'
import { accountsText } from './accounts-text.js'
import { type CommandLine, helpText, parseCommandLine } from './command-line.js'
import { describeConfig } from './config/describe-config.js'
import { loadPipelineConfig } from './config/load-pipeline-config.js'
import { createLog } from './log.js'
import { runProgram } from './program.js'
import { runMain, stopOnSignals } from './run-main.js'
import { version } from './version.js'

/** What runs without --config. */
const embeddedConfig = fileURLToPath(new URL('../config/embedded.yml', import.meta.url))

await runMain(() => main(parseCommandLine(process.argv.slice(2))))

async function main(commandLine: CommandLine): Promise<void> {
  if (commandLine.instead === 'help') process.stdout.write(helpText)
  else if (commandLine.instead === 'version') process.stdout.write(`promline ${version}\n`)
  else await run(commandLine)
}

async function run({ configFile, dataDir, logLevel, instead }: CommandLine): Promise<void> {
  const logger = createLog(logLevel)
  const config = await loadPipelineConfig(configFile ?? embeddedConfig, { logger, environment: process.env })
  if (instead === 'check-config') {
    process.stdout.write(`${config.file}: ok\n${describeConfig(config, { dataDir })}`)
    return
  }
  logger.info({}, `promline ${version}: ${configFile === undefined ? 'embedded configuration' : config.file}, data in ${dataDir}`)
  const stop = stopOnSignals()
  const pipelines = await runProgram({ config, dataDir, scrapeAtOnce: configFile === undefined, logger }, stop)
  process.stdout.write(accountsText(pipelines))
}
