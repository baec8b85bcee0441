// What the programs of both examples share, apart from pipelines: a program that needs no Kafka does not load it.
export { parseLogLevel } from './command-line.js'
export { readConfigText } from './config/read-config-text.js'
export { openDataFolder } from './data-folder.js'
export { createLog } from './log.js'
export { readArguments, readCommand, UsageError } from './read-arguments.js'
export { runMain, stopOnSignals } from './run-main.js'
export { untilStopped } from './until-stopped.js'
export { version } from './version.js'
