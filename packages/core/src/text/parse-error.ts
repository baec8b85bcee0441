import { PromlineError } from '../model/errors.js'

/** A place in a body, both counted from 1. A column is a Unicode code point, as editors count, not a byte. */
export interface TextPlace {
  readonly line: number
  readonly column: number
}

/** A body that is not what its format says. The message is `LINE:COLUMN: problem`; the place is where the offending text begins. */
export class ParseError extends PromlineError {
  readonly line: number
  /** In Unicode code points, from 1. */
  readonly column: number
  readonly #problem: string

  constructor(place: TextPlace, problem: string) {
    super('parse', `${place.line}:${place.column}: ${problem}`, { facts: { line: place.line, column: place.column } })
    this.line = place.line
    this.column = place.column
    this.#problem = problem
  }

  /** The same error, of a body that these lines stand in front of. */
  movedBy(lines: number): ParseError {
    return new ParseError({ line: this.line + lines, column: this.column }, this.#problem)
  }
}
