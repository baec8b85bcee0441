import { parseArgs } from 'node:util'

/** What the command line asks for. */
export interface Options {
  /** Subjects whose full name it matches. */
  readonly pattern: RegExp
  readonly list: boolean
  readonly rounds: number | undefined
  /** The full name of a subject to be profiled. */
  readonly profile: string | undefined
}

/** How the program is called. */
export const usage = `Usage: pnpm bench [PATTERN] [--list] [--rounds N] [--profile CASE]
  PATTERN         a regular expression: the cases whose names match (parse, encode/remote-write, parse/ksm/warm, system); default: all
  --list          names of the cases, without running them
  --rounds N      rounds of each case, its subjects in turn; default 7, of system 3
  --profile CASE  writes CASE.cpuprofile (its name with "-" for "/") into this folder; for system the agent must be one of Node
`

/** Reads the command line. Throws an Error whose message is for the user. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { list: { type: 'boolean', default: false }, rounds: { type: 'string' }, profile: { type: 'string' } },
  })
  if (positionals.length > 1) throw new Error(`one pattern, not ${positionals.length}: ${positionals.join(' ')}`)
  return {
    pattern: new RegExp(positionals[0] ?? ''),
    list: values.list,
    rounds: values.rounds === undefined ? undefined : positiveInteger('--rounds', values.rounds),
    profile: values.profile,
  }
}

function positiveInteger(option: string, text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`${option} ${text}: a whole number from 1 to 9999`)
  return Number(text)
}
