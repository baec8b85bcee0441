import { PromlineError } from '../model/errors.js'

/** Where something stands in a configuration file; lines and columns begin at 1. */
export interface ConfigPlace {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A configuration file that cannot be used, and where: `FILE:LINE:COLUMN: message`. */
export class ConfigError extends PromlineError {
  readonly file: string
  readonly line: number
  readonly column: number

  constructor(place: ConfigPlace, message: string, cause?: unknown) {
    const { file, line, column } = place
    super('config', `${file}:${line}:${column}: ${message}`, { cause, facts: { file, line, column } })
    this.file = file
    this.line = line
    this.column = column
  }
}
