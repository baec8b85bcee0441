import { readArguments, UsageError } from './read-arguments.js'

/** What the command line asks for. */
export interface CommandLine {
  /** Absent: the configuration that is shipped with the program. */
  readonly configFile?: string
  readonly dataDir: string
  readonly logLevel: LogLevel
  /** What to do instead of running. */
  readonly instead?: 'help' | 'version' | 'check-config'
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

export const helpText: string = `promline pipeline: exporter -> scrape -> Kafka and remote write -> receiver -> InfluxDB, with a page that shows it

Usage: node examples/pipeline/dist/main.js [options]

  --config FILE     a prometheus.yml, with promline's further sections where wanted; without it everything runs on
                    embedded defaults (a folder for Kafka's topic, a file for InfluxDB)
  --data DIR        where the spool, topics and files are kept (default: ./data)
  --check-config    read the configuration, say what it does or what is wrong with it, and exit
  --log-level LEVEL ${logLevels.join(', ')} (default: info)
  --version         print the version and exit
  --help            print this and exit

Ctrl-C or SIGTERM: stops sources, delivers for at most 5 seconds, prints the accounts. What is not delivered by then is
in the spool, and the next start on the same --data goes on there.

Exit status: 0 stopped in order, 1 could not start or go on, 2 wrong use.
`

/** Reads the arguments after the program's name. Throws a UsageError. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const values = readArguments(args, {
    config: { type: 'string' },
    data: { type: 'string', default: './data' },
    'check-config': { type: 'boolean', default: false },
    'log-level': { type: 'string', default: 'info' },
    version: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  })
  const logLevel = parseLogLevel(values['log-level'])
  if (values.data === '') throw new UsageError('--data must name a folder (see --help)')
  if (values.config === '') throw new UsageError('--config must name a file (see --help)')
  const base = { dataDir: values.data, logLevel, ...(values.config !== undefined && { configFile: values.config }) }
  if (values.help) return { ...base, instead: 'help' }
  if (values.version) return { ...base, instead: 'version' }
  return values['check-config'] ? { ...base, instead: 'check-config' } : base
}

/** The value of `--log-level`. Throws a UsageError. */
export function parseLogLevel(text: string): LogLevel {
  const logLevel = logLevels.find((level) => level === text)
  if (logLevel === undefined) throw new UsageError(`--log-level ${text}: one of ${logLevels.join(', ')}`)
  return logLevel
}
