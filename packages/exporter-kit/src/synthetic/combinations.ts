import { assertBounds, assertParameter, createExpression, type Expression, type Term } from './expression.js'

/** All of them together. */
export function sum(...terms: readonly Term[]): Expression {
  return createExpression({ kind: 'sum', inputs: terms, begin: () => (inputs) => inputs.reduce((total, value) => total + value, 0) })
}

/** One times the other: `product(inflow, 0.5)` scales. */
export function product(...terms: readonly Term[]): Expression {
  return createExpression({ kind: 'product', inputs: terms, begin: () => (inputs) => inputs.reduce((total, value) => total * value, 1) })
}

/** The largest of several at this moment; for the largest value of one so far, see `maximum`. */
export function largest(...terms: readonly [Term, ...Term[]]): Expression {
  return createExpression({ kind: 'largest', inputs: terms, begin: () => (inputs) => Math.max(...inputs) })
}

/** The smallest of several at this moment; for the smallest value of one so far, see `minimum`. */
export function smallest(...terms: readonly [Term, ...Term[]]): Expression {
  return createExpression({ kind: 'smallest', inputs: terms, begin: () => (inputs) => Math.min(...inputs) })
}

/** The value, kept between two bounds. */
export function clamp(term: Term, { min, max }: { readonly min: number; readonly max: number }): Expression {
  assertBounds('clamp', { min, max })
  assertParameter(min <= max, 'clamp', `min must not be above max, ${min} is above ${max}`)
  return createExpression({
    kind: 'clamp',
    parameters: { min, max },
    inputs: [term],
    begin:
      () =>
      ([value = 0]) =>
        Math.min(max, Math.max(min, value)),
  })
}

/** The nearest whole number: bytes and connections have no fractions. */
export function round(term: Term): Expression {
  return createExpression({
    kind: 'round',
    inputs: [term],
    begin:
      () =>
      ([value = 0]) =>
        // What is rounded up to -0 is shown as 0.
        Math.round(value) + 0,
  })
}

/** Any other function of values of this moment: `combine([hits, misses], (h, m) => h / (h + m))`. It must depend on them alone. */
export function combine(terms: readonly Term[], compute: (...values: number[]) => number): Expression {
  return createExpression({ kind: 'combine', inputs: terms, begin: () => (inputs) => compute(...inputs) })
}
