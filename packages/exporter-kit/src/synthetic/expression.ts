import { PromlineError } from '@promline/core'
import type { Random } from './random.js'

/** A moment of a run. */
export interface Moment {
  /** Steps since the beginning, which is 0. */
  readonly step: number
  /** The length of a step. */
  readonly stepSeconds: number
}

/** The value of an expression at a moment. Called once for every moment, in their order; `inputs` is lent until it returns. */
export type Evaluate = (inputs: readonly number[], moment: Moment) => number

/**
 * A number that changes in time, as a description: it has no state and may be used in many places and runs. In one run it has one value
 * at one moment, however many others are made of it.
 */
export interface Expression {
  /** What it is, for errors: `randomWalk`. */
  readonly kind: string
  /** The numbers and names that it was made with. With the kind and the inputs they say from which stream it draws. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** What it is made of. */
  readonly inputs: readonly Expression[]
  /** Begins a run. `random` is a stream of its own. */
  begin(random: Random): Evaluate
}

/** What an expression can be made of: a number is one that does not change. */
export type Term = Expression | number

/** Makes an expression, where the language has no word for it. See `combine` for those that depend on the values of the moment alone. */
export function createExpression(described: {
  readonly kind: string
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly inputs?: readonly Term[]
  /** Begins a run: what it returns may keep state, and may draw from `random`. */
  readonly begin: (random: Random) => Evaluate
}): Expression {
  const { kind, parameters = {}, inputs = [], begin } = described
  return { kind, parameters, inputs: inputs.map((term) => (typeof term === 'number' ? constant(term) : term)), begin }
}

/** The same value for ever; NaN and infinities as well, as a sample may be one. */
export function constant(value: number): Expression {
  return { kind: 'constant', parameters: { value }, inputs: [], begin: () => () => value }
}

/** Throws a PromlineError (`options`) where a parameter is none that the expression can have. */
export function assertParameter(holds: boolean, kind: string, expected: string): void {
  if (!holds) throw new PromlineError('options', `${kind}: ${expected}`, { facts: { expression: kind } })
}

/** Throws a PromlineError (`options`) that names the first of these parameters that is NaN or an infinity. */
export function assertFinite(kind: string, parameters: Readonly<Record<string, Term>>): void {
  for (const [name, value] of Object.entries(parameters)) {
    if (typeof value === 'number') assertParameter(Number.isFinite(value), kind, `${name} must be a finite number, not ${value}`)
  }
}

/** The same for bounds, which may be infinities: there is none then. */
export function assertBounds(kind: string, bounds: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(bounds)) assertParameter(!Number.isNaN(value), kind, `${name} must be a number, not ${value}`)
}

/** A rate or a level as it counts: not below 0, and 0 where it is NaN or an infinity, which what adds it up would never get rid of. */
export function atLeastZero(value: number): number {
  return value > 0 && value < Number.POSITIVE_INFINITY ? value : 0
}
