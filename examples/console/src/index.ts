export type { SourceDescription } from './api/snapshot.js'
export { type Console, type ConsoleOptions, createConsole } from './console.js'
