import { parseArgs } from 'node:util'

/** What the command line asks for. */
export interface Options {
  /** Subjects whose full name it matches. */
  readonly pattern: RegExp
  readonly list: boolean
  /** Only what a goal is about. */
  readonly goals: boolean
  readonly rounds: number | undefined
  /** The full name of a subject to be profiled. */
  readonly profile: string | undefined
  /** Instead of what a case of `system` says. */
  readonly intervalMs: number | undefined
  /** Measured scrapes of each target, instead of what a case of `system` says. */
  readonly scrapes: number | undefined
  /** Scrapes of each target before those, instead of what a case of `system` says. */
  readonly warmScrapes: number | undefined
}

/** How the program is called. */
export const usage = `Usage: pnpm bench [PATTERN] [--goals] [--list] [--rounds N] [--profile CASE] [--interval MS] [--warmup N] [--scrapes N]
  PATTERN         a regular expression: the cases whose names match (parse, encode/remote-write, parse/ksm/warm, spool, system); default: all.
                  The first subject of each, which ratios are of, runs as well
  --goals         of these, what the table of goals needs
  --help          this
  --list          names of the cases, without running them
  --rounds N      rounds of each case, its subjects in turn; default 7, of spool and system 3
  --profile CASE  writes CASE.cpuprofile (its name with "-" for "/") into this folder; for system the agent must be one of Node
  --interval MS   between two scrapes of a target, for the cases of system that scrape again and again
  --warmup N      how many scrapes of each target come before the measured ones, for the same cases
  --scrapes N     how many scrapes of each target these cases measure
`

/** Reads the command line; undefined where help is asked for. Throws an Error whose message is for the user. */
export function readOptions(args: readonly string[]): Options | undefined {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { ...flag, short: 'h' },
      list: flag,
      goals: flag,
      rounds: text,
      profile: text,
      interval: text,
      warmup: text,
      scrapes: text,
    },
  })
  if (values.help) return undefined
  if (positionals.length > 1) throw new Error(`one pattern, not ${positionals.length}: ${positionals.join(' ')}`)
  return {
    pattern: new RegExp(positionals[0] ?? ''),
    list: values.list,
    goals: values.goals,
    rounds: positiveInteger('--rounds', values.rounds),
    profile: values.profile,
    intervalMs: positiveInteger('--interval', values.interval),
    scrapes: positiveInteger('--scrapes', values.scrapes),
    warmScrapes: positiveInteger('--warmup', values.warmup),
  }
}

function positiveInteger(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new Error(`${option} ${text}: a whole number from 1 to 99999`)
  return Number(text)
}
