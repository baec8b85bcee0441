// The language.
export type { Expression, Term } from './expression.js'
export { constant } from './expression.js'
export type { RandomOptions } from './sources.js'
export { population, ramp, randomWalk, sine, uniform } from './sources.js'
export { clamp, combine, largest, product, round, smallest, sum } from './combinations.js'
export { boundedCounter, integral, maximum, mean, minimum, rate } from './over-time.js'

// Metrics made of it.
export type { SyntheticMetric, Synthetics, SyntheticSeries, SyntheticsOptions } from './synthetics.js'
export { createSynthetics } from './synthetics.js'

// Symbols below are for those who add a word to the language.
export type { Evaluate, Moment } from './expression.js'
export { createExpression } from './expression.js'
export type { Random } from './random.js'
export { createRandom } from './random.js'
