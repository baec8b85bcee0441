import { assertFinite, assertParameter, atLeastZero, createExpression, type Expression, type Term } from './expression.js'

/** What a rate per second has come to since the beginning, where it is 0: bytes from bytes per second. */
export function integral(term: Term): Expression {
  return createExpression({
    kind: 'integral',
    inputs: [term],
    begin: () => {
      let total = 0
      return ([value = 0], { step, stepSeconds }) => {
        if (step > 0) total += value * stepSeconds
        return total
      }
    },
  })
}

/** How much a total has grown in the last step, per second: the opposite of `integral`. 0 at the beginning. */
export function rate(term: Term): Expression {
  return createExpression({
    kind: 'rate',
    inputs: [term],
    begin: () => {
      let last = 0
      return ([value = 0], { step, stepSeconds }) => {
        const grown = step === 0 ? 0 : (value - last) / stepSeconds
        last = value
        return grown
      }
    },
  })
}

/** The mean since the beginning: the integral over the time; at the beginning the value itself. */
export function mean(term: Term): Expression {
  return createExpression({
    kind: 'mean',
    inputs: [term],
    begin: () => {
      let total = 0
      return ([value = 0], { step, stepSeconds }) => {
        if (step === 0) return value
        total += value * stepSeconds
        return total / (step * stepSeconds)
      }
    },
  })
}

/** The largest value so far. */
export function maximum(term: Term): Expression {
  return createExpression({
    kind: 'maximum',
    inputs: [term],
    begin: () => {
      let largest = Number.NEGATIVE_INFINITY
      return ([value = 0]) => {
        largest = Math.max(largest, value)
        return largest
      }
    },
  })
}

/** The smallest value so far. */
export function minimum(term: Term): Expression {
  return createExpression({
    kind: 'minimum',
    inputs: [term],
    begin: () => {
      let smallest = Number.POSITIVE_INFINITY
      return ([value = 0]) => {
        smallest = Math.min(smallest, value)
        return smallest
      }
    },
  })
}

/** Counts from 0 up to a bound, and there begins at 0 again, as a counter of a program that restarts. It never goes down otherwise. */
export function boundedCounter(options: {
  /** How fast it counts; what is below 0, or no finite number, counts as 0. */
  readonly perSecond: Term
  /** It is always below this. */
  readonly max: number
  /** Whether it stays at the bound, rather than begin again. Default false. */
  readonly stay?: boolean
}): Expression {
  const { perSecond, max, stay = false } = options
  assertFinite('boundedCounter', { perSecond })
  assertParameter(max > 0, 'boundedCounter', `max must be above 0, not ${max}`)
  return createExpression({
    kind: 'boundedCounter',
    parameters: { max, stay },
    inputs: [perSecond],
    begin: () => {
      let count = 0
      return ([speed = 0], { step, stepSeconds }) => {
        if (step > 0) count += atLeastZero(speed) * stepSeconds
        count = stay ? Math.min(max, count) : count % max
        return count
      }
    },
  })
}
