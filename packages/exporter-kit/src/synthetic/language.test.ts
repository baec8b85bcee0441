import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Expression, Term } from './expression.js'
import {
  boundedCounter,
  clamp,
  combine,
  constant,
  createExpression,
  integral,
  largest,
  maximum,
  mean,
  minimum,
  population,
  product,
  ramp,
  randomWalk,
  rate,
  round,
  sine,
  smallest,
  sum,
  uniform,
} from './index.js'
import { SyntheticRun } from './run.js'

/** The values of expressions, step by step. */
function valuesOf<Name extends string>(
  expressions: Readonly<Record<Name, Expression>>,
  { steps = 5, seed = 1, stepSeconds = 1 }: { steps?: number; seed?: number; stepSeconds?: number } = {},
): Readonly<Record<Name, number>>[] {
  const run = new SyntheticRun({ seed, stepSeconds, expressions: Object.values(expressions) })
  return Array.from({ length: steps + 1 }, (_, step) => {
    if (step > 0) run.step()
    // The names stay, the expressions become their values.
    const values = Object.fromEntries(Object.entries<Expression>(expressions).map(([name, one]) => [name, run.value(one)]))
    return Object.assign({ ...expressions }, values)
  })
}

describe('values at steps 0, 1, 2 ...', () => {
  /** 0, 1, 2 ... */
  const time = ramp({ to: 1_000, seconds: 1_000 })

  test.each<[what: string, expression: Expression, values: number[]]>([
    ['constant', constant(3), [3, 3, 3]],
    ['ramp', ramp({ from: 10, to: 0, seconds: 4 }), [10, 7.5, 5, 2.5, 0, 0]],
    ['ramp that repeats', ramp({ to: 3, seconds: 3, repeat: true }), [0, 1, 2, 0, 1, 2]],
    ['sine', round(sine({ mean: 5, amplitude: 2, periodSeconds: 4 })), [5, 7, 5, 3, 5, 7]],
    ['sine with a phase', round(sine({ amplitude: 2, periodSeconds: 4, phaseSeconds: 1 })), [2, 0, -2, 0]],
    ['sum', sum(time, 10, time), [10, 12, 14]],
    ['sum of nothing', sum(), [0, 0]],
    ['product', product(time, 2), [0, 2, 4]],
    ['largest', largest(time, 1.5), [1.5, 1.5, 2, 3]],
    ['smallest', smallest(time, 1.5), [0, 1, 1.5, 1.5]],
    ['clamp', clamp(time, { min: 1, max: 2 }), [1, 1, 2, 2]],
    ['round', round(product(time, 0.5)), [0, 1, 1, 2]],
    ['combine', combine([time, 2], (a, b) => a ** b), [0, 1, 4, 9]],
    ['integral', integral(time), [0, 1, 3, 6]],
    ['rate', rate(product(time, time)), [0, 1, 3, 5]],
    ['mean', mean(time), [0, 1, 1.5, 2]],
    ['maximum', maximum(sine({ amplitude: 1, periodSeconds: 4, phaseSeconds: 3 })), [-1, 0, 1, 1, 1]],
    ['minimum', minimum(product(time, -1)), [-0, -1, -2]],
    ['boundedCounter', boundedCounter({ perSecond: 2, max: 5 }), [0, 2, 4, 1, 3, 0]],
    ['boundedCounter that stays', boundedCounter({ perSecond: 2, max: 5, stay: true }), [0, 2, 4, 5, 5]],
    [
      'boundedCounter of what is no finite number',
      boundedCounter({ perSecond: combine([time], (t) => 1 / (t - 1)), max: 5 }),
      [0, 0, 1, 1.5],
    ],
    [
      'population of what is no finite number',
      population({ start: 3, level: combine([time], () => Infinity), staySeconds: 1e9 }),
      [3, 3, 3],
    ],
    ['round of what is just below 0', combine([round(constant(-0.2))], (zero) => 1 / zero), [Infinity]],
    ['boundedCounter of what goes down', boundedCounter({ perSecond: product(time, -1), max: 5 }), [0, 0, 0]],
    [
      "an expression of one's own",
      createExpression({
        kind: 'half',
        inputs: [time],
        begin:
          () =>
          ([value = 0]) =>
            value / 2,
      }),
      [0, 0.5, 1],
    ],
  ])('%s', (_what, expression, values) => {
    const shown = valuesOf({ expression }, { steps: values.length - 1 }).map((one) => one.expression)
    for (const [i, value] of values.entries()) expect(shown[i]).toBeCloseTo(value, 12)
  })

  test('rates are per second, whatever the step', () => {
    const shown = valuesOf({ total: integral(10), speed: rate(integral(10)), average: mean(10) }, { steps: 2, stepSeconds: 0.25 })
    expect(shown).toEqual([
      { total: 0, speed: 0, average: 10 },
      { total: 2.5, speed: 10, average: 10 },
      { total: 5, speed: 10, average: 10 },
    ])
  })
})

describe('parameters out of range', () => {
  test.each<[() => Expression, string]>([
    [() => sine({ amplitude: 1, periodSeconds: 0 }), 'sine: periodSeconds must be above 0, not 0'],
    [() => ramp({ to: 1, seconds: -1 }), 'ramp: seconds must be above 0, not -1'],
    [() => uniform({ min: 2, max: 1 }), 'uniform: min must not be above max, 2 is above 1'],
    [() => clamp(1, { min: 2, max: 1 }), 'clamp: min must not be above max, 2 is above 1'],
    [() => randomWalk({ start: 5, step: 1, min: 6 }), 'randomWalk: start must be from 6 to Infinity, not 5'],
    [() => randomWalk({ start: Number.NaN, step: 1 }), 'randomWalk: start must be a finite number, not NaN'],
    [() => randomWalk({ start: 5, step: -1 }), 'randomWalk: step must be at least 0, not -1'],
    [() => population({ start: 1.5, level: 1, staySeconds: 1 }), 'population: start must be a whole number of at least 0, not 1.5'],
    [() => population({ level: 1, staySeconds: 0 }), 'population: staySeconds must be above 0, not 0'],
    [() => boundedCounter({ perSecond: 1, max: 0 }), 'boundedCounter: max must be above 0, not 0'],
    [() => boundedCounter({ perSecond: 1, max: Number.NaN }), 'boundedCounter: max must be above 0, not NaN'],
    [() => boundedCounter({ perSecond: Number.NaN, max: 1 }), 'boundedCounter: perSecond must be a finite number, not NaN'],
    [() => sine({ amplitude: Number.NaN, periodSeconds: 1 }), 'sine: amplitude must be a finite number, not NaN'],
    [() => sine({ amplitude: 1, periodSeconds: Infinity }), 'sine: periodSeconds must be a finite number, not Infinity'],
    [() => sine({ amplitude: 1, periodSeconds: 1, mean: -Infinity }), 'sine: mean must be a finite number, not -Infinity'],
    [() => sine({ amplitude: 1, periodSeconds: 1, phaseSeconds: Number.NaN }), 'sine: phaseSeconds must be a finite number, not NaN'],
    [() => ramp({ from: Number.NaN, to: 1, seconds: 1 }), 'ramp: from must be a finite number, not NaN'],
    [() => ramp({ to: Infinity, seconds: 1 }), 'ramp: to must be a finite number, not Infinity'],
    [() => ramp({ to: 1, seconds: Infinity }), 'ramp: seconds must be a finite number, not Infinity'],
    [() => uniform({ min: Number.NaN, max: 1 }), 'uniform: min must be a finite number, not NaN'],
    [() => uniform({ min: 0, max: Infinity }), 'uniform: max must be a finite number, not Infinity'],
    [() => clamp(1, { min: Number.NaN, max: 1 }), 'clamp: min must be a number, not NaN'],
    [() => clamp(1, { min: 0, max: Number.NaN }), 'clamp: max must be a number, not NaN'],
    [() => randomWalk({ start: Infinity, step: 1 }), 'randomWalk: start must be a finite number, not Infinity'],
    [() => randomWalk({ start: 0, step: Infinity }), 'randomWalk: step must be a finite number, not Infinity'],
    [() => randomWalk({ start: 0, step: 1, min: Number.NaN }), 'randomWalk: min must be a number, not NaN'],
    [() => population({ start: Infinity, level: 1, staySeconds: 1 }), 'population: start must be a finite number, not Infinity'],
    [() => population({ level: Infinity, staySeconds: 1 }), 'population: level must be a finite number, not Infinity'],
    [() => population({ level: 1, staySeconds: Infinity }), 'population: staySeconds must be a finite number, not Infinity'],
  ])('%s', (create, message) => {
    expect(create).toThrow(expect.objectContaining({ code: 'options', message }))
  })
})

const seed = fc.maxSafeInteger()
const number = fc.double({ min: -1_000, max: 1_000, noNaN: true })
/** Random sources, and what is made of them. */
const { expression } = fc.letrec<{ expression: Expression; term: Term }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    number.map((step) => randomWalk({ start: 0, step: Math.abs(step) })),
    fc.tuple(number, number).map(([a, b]) => uniform({ min: Math.min(a, b), max: Math.max(a, b) })),
    fc.tuple(fc.nat(50), fc.integer({ min: 1, max: 60 })).map(([level, staySeconds]) => population({ level, staySeconds })),
    fc.array(tie('term'), { maxLength: 3 }).map((terms) => sum(...terms)),
    fc.tuple(tie('term'), tie('term')).map(([a, b]) => largest(a, b)),
    tie('term').map((term) => integral(term)),
    tie('term').map((term) => maximum(term)),
    tie('term').map((term) => mean(term)),
  ),
  term: fc.oneof(number, tie('expression')),
}))

describe('properties, for every seed', () => {
  test('a random walk stays in its bounds, and moves by its step at most', () => {
    const options = fc.record({ start: number, step: fc.double({ min: 0, max: 1e6, noNaN: true }), below: fc.nat(500), above: fc.nat(500) })
    fc.assert(
      fc.property(seed, options, (from, { start, step, below, above }) => {
        const [min, max] = [start - below, start + above]
        const walk = valuesOf({ walk: randomWalk({ start, step, min, max }) }, { seed: from, steps: 50 }).map((one) => one.walk)
        expect(walk[0]).toBe(start)
        for (const [i, value] of walk.entries()) {
          expect(value).toBeGreaterThanOrEqual(min)
          expect(value).toBeLessThanOrEqual(max)
          if (i > 0) expect(Math.abs(value - walk[i - 1]!)).toBeLessThanOrEqual(step * (1 + 1e-9) + 1e-9)
        }
      }),
    )
  })

  test('what is bounded stays in its bounds: uniform, clamp, boundedCounter, population', () => {
    fc.assert(
      fc.property(seed, expression, fc.integer({ min: 1, max: 100 }), (from, term, max) => {
        const expressions = {
          drawn: uniform({ min: -max, max }),
          kept: clamp(term, { min: -max, max }),
          counted: boundedCounter({ perSecond: term, max }),
          there: population({ level: term, staySeconds: max }),
        }
        for (const { drawn, kept, counted, there } of valuesOf(expressions, { seed: from, steps: 30 })) {
          expect(Math.abs(drawn)).toBeLessThanOrEqual(max)
          expect(Math.abs(kept)).toBeLessThanOrEqual(max)
          expect(counted).toSatisfy((value: number) => value >= 0 && value < max)
          expect(there).toSatisfy((value: number) => Number.isInteger(value) && value >= 0)
        }
      }),
    )
  })

  test('at every moment: sums are those of their parts, maxima are reached, totals do not go down, rates give them back', () => {
    fc.assert(
      fc.property(seed, expression, expression, (from, a, b) => {
        const expressions = {
          a,
          b,
          both: sum(a, b),
          larger: largest(a, b),
          peak: maximum(a),
          low: minimum(a),
          flow: largest(a, 0),
          total: integral(largest(a, 0)),
          speed: rate(integral(a)),
          average: mean(a),
        }
        const shown = valuesOf(expressions, { seed: from, steps: 20 })
        for (const [i, now] of shown.entries()) {
          const past = shown.slice(0, i + 1)
          expect(now.both).toBe(now.a + now.b)
          expect(now.larger).toBe(Math.max(now.a, now.b))
          expect(now.peak).toBe(Math.max(...past.map((one) => one.a)))
          expect(now.low).toBe(Math.min(...past.map((one) => one.a)))
          if (i === 0) continue
          expect(now.total).toBe(shown[i - 1]!.total + now.flow)
          expect(now.total).toBeGreaterThanOrEqual(shown[i - 1]!.total)
          const size = Math.max(...past.map((one) => Math.abs(one.a))) * i
          expect(Math.abs(now.speed - now.a)).toBeLessThanOrEqual(1e-9 * size + 1e-300)
          const sumOfPast = past.slice(1).reduce((total, one) => total + one.a, 0)
          expect(Math.abs(now.average * i - sumOfPast)).toBeLessThanOrEqual(1e-9 * size + 1e-300)
        }
      }),
    )
  })

  test('the same seed gives the same values, in every run', () => {
    fc.assert(
      fc.property(seed, expression, (from, one) => {
        expect(valuesOf({ one }, { seed: from })).toEqual(valuesOf({ one }, { seed: from }))
      }),
    )
  })

  test('what stands beside an expression, before it or behind it, or is made of it, does not change its values', () => {
    fc.assert(
      fc.property(seed, expression, expression, (from, one, other) => {
        const alone = valuesOf({ one }, { seed: from }).map((now) => now.one)
        // Sources that are alike are told apart by their order: the one that comes first keeps its values.
        const crowd = { peak: maximum(one), one, other, behind: sum(other, one) }
        expect(valuesOf(crowd, { seed: from }).map((now) => now.one)).toEqual(alone)
      }),
    )
    const walk = randomWalk({ start: 0, step: 1, name: 'walk' })
    const before = { twin: randomWalk({ start: 0, step: 1, name: 'twin' }), noise: uniform({ min: 0, max: 1 }), walk }
    expect(valuesOf(before).map((now) => now.walk)).toEqual(valuesOf({ walk }).map((now) => now.walk))
  })
})

describe('random sources', () => {
  const walk = (name?: string) => randomWalk({ start: 0, step: 1, ...(name !== undefined && { name }) })

  test('that are alike differ from each other, and one that is used twice does not', () => {
    const shared = walk()
    const now = valuesOf({ shared, alike: walk(), difference: sum(shared, product(shared, -1)) }, { steps: 3 }).at(-1)!
    expect(now.alike).not.toBe(now.shared)
    expect(now.difference).toBe(0)
  })

  test('have other values with another seed or name, and the same whatever the order of their options', () => {
    const last = (one: Expression, from = 1): number => valuesOf({ one }, { seed: from }).at(-1)!.one
    expect(last(walk(), 2)).not.toBe(last(walk(), 1))
    expect(last(walk('a'))).not.toBe(last(walk('b')))
    expect(last(randomWalk({ step: 1, start: 0 }))).toBe(last(randomWalk({ start: 0, step: 1 })))
  })

  test('a population has its level on average, also where that is large', () => {
    const levels = { small: 20, large: 10_000 }
    const shown = valuesOf(
      {
        small: population({ start: levels.small, level: levels.small, staySeconds: 10 }),
        large: population({ start: levels.large, level: levels.large, staySeconds: 10 }),
      },
      { steps: 20_000 },
    )
    for (const size of ['small', 'large'] as const) {
      const average = shown.reduce((total, now) => total + now[size], 0) / shown.length
      expect(Math.abs(average / levels[size] - 1)).toBeLessThan(0.05)
    }
  })
})

test('the value of what is no part of a run is refused', () => {
  const run = new SyntheticRun({ seed: 1, stepSeconds: 1, expressions: [] })
  expect(() => run.value(constant(1))).toThrow('this constant is no part of the metrics')
})
