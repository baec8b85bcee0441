export type { SourceDescription } from './api/snapshot.js'
export { ClientAnswers, type Refusals } from './clusters/client-answers.js'
export { assertFigure } from './clusters/comparison.js'
export { type ClustersOptions, type Console, type ConsoleOptions, createConsole } from './console.js'
