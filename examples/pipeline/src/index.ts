// The program as a function, for the federation example: its centre is this program with a configuration of its own.
export { accountsText } from './accounts-text.js'
export type { LoadOptions } from './config/load-pipeline-config.js'
export { parsePipelineConfig } from './config/load-pipeline-config.js'
export type { PipelineConfig } from './config/pipeline-config.js'
export type { ProgramOptions } from './program.js'
export { runProgram } from './program.js'
