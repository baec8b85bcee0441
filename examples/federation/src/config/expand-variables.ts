import { PromlineError } from '@promline/core'

/** Values by name, such as the process's environment. */
export type Variables = Readonly<Record<string, string | undefined>>

export interface ExpandOptions {
  /** Begins the message where a variable is missing. */
  readonly file: string
  readonly variables: Variables
}

/** `${NAME}` and `${NAME:-default}`; a dollar before it makes it plain text. Capture groups of relabel rules (`$1`, `${1}`) are no names. */
const reference = /\$?\$\{([A-Za-z_]\w*)(?::-([^}\n]*))?\}/g

/**
 * Puts variables into the text of a configuration file, as Mimir's and Loki's `-config.expand-env` do, but leaves the capture groups of
 * relabel rules alone: `${POD_INDEX}` is the variable, `${POD_INDEX:-0}` has a default for one that is unset or empty, `$${POD_INDEX}` is
 * the text `${POD_INDEX}`. Comments are not looked at. Throws a PromlineError (`config`) for a variable that has neither.
 */
export function expandVariables(text: string, { file, variables }: ExpandOptions): string {
  return text
    .split('\n')
    .map((line, i) => {
      if (/^\s*#/.test(line)) return line
      return line.replaceAll(reference, (found: string, name: string, fallback: string | undefined) => {
        if (found.startsWith('$$')) return found.slice(1)
        const value = Object.hasOwn(variables, name) ? variables[name] : undefined
        if (value !== undefined && value !== '') return value
        if (fallback !== undefined) return fallback
        throw new PromlineError('config', `${file}:${i + 1}: the environment variable ${name} is not set`, { facts: { file, name } })
      })
    })
    .join('\n')
}
