import { assertBounds, assertFinite, assertParameter, atLeastZero, createExpression, type Expression, type Term } from './expression.js'
import { poisson } from './random.js'

/** What all sources have that draw random numbers. */
export interface RandomOptions {
  /** Tells sources apart that are otherwise alike; see `createSynthetics`. Default: their order does. */
  readonly name?: string
}

/** Swings around a mean, once in every period. */
export function sine(options: {
  /** Default 0. */
  readonly mean?: number
  /** How far it goes up and down from the mean. */
  readonly amplitude: number
  readonly periodSeconds: number
  /** How far into its period it begins. Default 0: at the mean, going up. */
  readonly phaseSeconds?: number
}): Expression {
  const { mean = 0, amplitude, periodSeconds, phaseSeconds = 0 } = options
  assertFinite('sine', { mean, amplitude, periodSeconds, phaseSeconds })
  assertParameter(periodSeconds > 0, 'sine', `periodSeconds must be above 0, not ${periodSeconds}`)
  return createExpression({
    kind: 'sine',
    parameters: { ...options },
    begin:
      () =>
      (_inputs, { step, stepSeconds }) => {
        const turns = (step * stepSeconds + phaseSeconds) / periodSeconds
        return mean + amplitude * Math.sin(2 * Math.PI * turns)
      },
  })
}

/** Goes from one value to another in a straight line. */
export function ramp(options: {
  /** Default 0. */
  readonly from?: number
  readonly to: number
  readonly seconds: number
  /** Whether it then begins again, rather than staying. Default false. */
  readonly repeat?: boolean
}): Expression {
  const { from = 0, to, seconds, repeat = false } = options
  assertFinite('ramp', { from, to, seconds })
  assertParameter(seconds > 0, 'ramp', `seconds must be above 0, not ${seconds}`)
  return createExpression({
    kind: 'ramp',
    parameters: { ...options },
    begin:
      () =>
      (_inputs, { step, stepSeconds }) => {
        const part = (step * stepSeconds) / seconds
        return from + (to - from) * (repeat ? part % 1 : Math.min(1, part))
      },
  })
}

/** A new number between two others at every step. */
export function uniform(options: RandomOptions & { readonly min: number; readonly max: number }): Expression {
  const { min, max } = options
  assertFinite('uniform', { min, max })
  assertParameter(min <= max, 'uniform', `min must not be above max, ${min} is above ${max}`)
  return createExpression({ kind: 'uniform', parameters: { ...options }, begin: (random) => () => min + (max - min) * random() })
}

/** Moves up or down by a random part of `step` at every step; at a bound it turns round. */
export function randomWalk(
  options: RandomOptions & {
    readonly start: number
    /** The most that it moves at a step. */
    readonly step: number
    /** Default: none. */
    readonly min?: number
    /** Default: none. */
    readonly max?: number
  },
): Expression {
  const { start, step, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = options
  assertFinite('randomWalk', { start, step })
  assertBounds('randomWalk', { min, max })
  assertParameter(step >= 0, 'randomWalk', `step must be at least 0, not ${step}`)
  assertParameter(start >= min && start <= max, 'randomWalk', `start must be from ${min} to ${max}, not ${start}`)
  return createExpression({
    kind: 'randomWalk',
    parameters: { ...options },
    begin: (random) => {
      let value = start
      return (_inputs, moment) => {
        if (moment.step === 0) return value
        const moved = value + step * (2 * random() - 1)
        const turned = moved > max ? 2 * max - moved : moved < min ? 2 * min - moved : moved
        // A step may be longer than the way from bound to bound.
        value = Math.min(max, Math.max(min, turned))
        return value
      }
    },
  })
}

/** How many there are of those who come and go at random: connections, users, jobs. A whole number, never below 0. */
export function population(
  options: RandomOptions & {
    /** How many there are at the beginning. Default 0. */
    readonly start?: number
    /** How many there are on average; may change in time. What is no finite number counts as 0, as does what is below 0. */
    readonly level: Term
    /** How long one stays on average. */
    readonly staySeconds: number
  },
): Expression {
  const { name, start = 0, level, staySeconds } = options
  assertFinite('population', { start, level, staySeconds })
  assertParameter(Number.isSafeInteger(start) && start >= 0, 'population', `start must be a whole number of at least 0, not ${start}`)
  assertParameter(staySeconds > 0, 'population', `staySeconds must be above 0, not ${staySeconds}`)
  return createExpression({
    kind: 'population',
    parameters: { name, start, staySeconds },
    inputs: [level],
    begin: (random) => {
      let count = start
      return ([wanted = 0], moment) => {
        if (moment.step === 0) return count
        const arrivals = poisson(random, (atLeastZero(wanted) * moment.stepSeconds) / staySeconds)
        const departures = poisson(random, (count * moment.stepSeconds) / staySeconds)
        count = Math.max(0, count + arrivals - departures)
        return count
      }
    },
  })
}
