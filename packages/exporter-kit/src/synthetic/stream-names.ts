import { encodeUtf8, hashBytes } from '@promline/core'
import type { Expression } from './expression.js'

/**
 * Names the stream of random numbers of each expression by what the expression is: its kind, its parameters and what it is made of. Those
 * that are alike in all of this are told apart by their order. So the values of an expression depend neither on the other metrics nor on
 * where it stands among them.
 */
export class StreamNames {
  readonly #descriptions = new Map<Expression, string>()
  readonly #alike = new Map<string, number>()

  /** To be asked once for each expression of a run. */
  of(expression: Expression): string {
    const description = this.#describe(expression)
    const before = this.#alike.get(description) ?? 0
    this.#alike.set(description, before + 1)
    return `${description} ${before}`
  }

  /** A hash, because descriptions of what is made of many would be long. Two that meet by chance count as alike, which does no harm. */
  #describe(expression: Expression): string {
    const known = this.#descriptions.get(expression)
    if (known !== undefined) return known
    const { kind, parameters, inputs } = expression
    const text = `${kind} ${JSON.stringify(parameters, Object.keys(parameters).sort())} ${inputs.map((input) => this.#describe(input)).join(' ')}`
    const description = hashBytes(encodeUtf8(text)).toString(16)
    this.#descriptions.set(expression, description)
    return description
  }
}
