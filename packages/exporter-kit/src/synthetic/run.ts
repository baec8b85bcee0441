import { PromlineError } from '@promline/core'
import type { Evaluate, Expression } from './expression.js'
import { createRandomAt } from './random.js'
import { StreamNames } from './stream-names.js'

interface Node {
  readonly evaluate: Evaluate
  /** Numbers of the nodes that it is made of: all of them below its own. */
  readonly inputs: readonly number[]
  /** Filled in before each evaluation, so that none is made for it. */
  readonly values: number[]
}

/** Options of a run. */
export interface SyntheticRunOptions {
  readonly seed: number
  readonly stepSeconds: number
  /** What is evaluated, with everything that it is made of. */
  readonly expressions: readonly Expression[]
}

/** Evaluates expressions step by step, from step 0 on: each once in a step, whatever is made of it. */
export class SyntheticRun {
  readonly #seed: number
  readonly #stepSeconds: number
  readonly #names = new StreamNames()
  readonly #nodes: Node[] = []
  readonly #numbers = new Map<Expression, number>()
  readonly #values: number[] = []
  #step = 0

  constructor({ seed, stepSeconds, expressions }: SyntheticRunOptions) {
    this.#seed = seed
    this.#stepSeconds = stepSeconds
    for (const expression of expressions) this.#add(expression)
    this.#evaluate()
  }

  /** Steps since the beginning. */
  get steps(): number {
    return this.#step
  }

  /** How many expressions a step evaluates. */
  get size(): number {
    return this.#nodes.length
  }

  /** Goes on by one step. */
  step(): void {
    this.#step++
    this.#evaluate()
  }

  /** The value at this step, of what is evaluated or what that is made of. Throws a PromlineError (`options`) for another expression. */
  value(expression: Expression): number {
    const number = this.#numbers.get(expression)
    if (number !== undefined) return this.#values[number]!
    throw new PromlineError('options', `this ${expression.kind} is no part of the metrics`, { facts: { expression: expression.kind } })
  }

  #add(expression: Expression): number {
    const known = this.#numbers.get(expression)
    if (known !== undefined) return known
    const inputs = expression.inputs.map((input) => this.#add(input))
    const evaluate = expression.begin(createRandomAt(this.#seed, this.#names.of(expression)))
    const number = this.#values.push(0) - 1
    this.#nodes.push({ evaluate, inputs, values: inputs.map(() => 0) })
    this.#numbers.set(expression, number)
    return number
  }

  #evaluate(): void {
    const moment = { step: this.#step, stepSeconds: this.#stepSeconds }
    const all = this.#values
    for (let number = 0; number < this.#nodes.length; number++) {
      const { evaluate, inputs, values } = this.#nodes[number]!
      for (let i = 0; i < inputs.length; i++) values[i] = all[inputs[i]!]!
      all[number] = evaluate(values, moment)
    }
  }
}
