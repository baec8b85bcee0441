// What the programs of both examples share, apart from pipelines: a program that needs no Kafka does not load it.
export type { LogLevel } from './command-line.js'
export { logLevels, parseLogLevel } from './command-line.js'
export { openDataFolder } from './data-folder.js'
export { explainFileError } from './file-errors.js'
export { createLog } from './log.js'
export { readArguments, readCommand, UsageError } from './read-arguments.js'
export { runMain, stopOnSignals } from './run-main.js'
export { version } from './version.js'
