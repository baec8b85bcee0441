import { parseArgs } from 'node:util'
import { readCount } from '../../programs/command-line.js'

/** What `pnpm verify` is made of, in this order. */
export const parts = ['model', 'damage', 'kills', 'torture', 'faults', 'soak'] as const
export type Part = (typeof parts)[number]

export interface VerifyOptions {
  readonly only: readonly Part[]
  /** Of the relay, for each fsync policy; a tenth of it with targets that stay down, and that stay up. */
  readonly kills: number
  /** Of a process that does nothing but append to a spool. */
  readonly spoolKills: number
  readonly runs: number
  readonly flips: number
  readonly minutes: number
  readonly seed: number
  /** Where results are appended. */
  readonly results: string
}

const defaults = {
  kills: 5_000,
  spoolKills: 200,
  runs: 10_000,
  flips: 10_000,
  minutes: 60,
  seed: 1,
  results: 'data/verify.ndjson',
} as const

export const usage: string = `usage: pnpm verify [--only PART,...] [--kills N] [--spool-kills N] [--runs N] [--flips N] [--minutes N] [--seed N] [--results FILE]

The long tier of the tests: hours. Its parts:
  model     the spool on a simulated disk that loses, tears and reorders (--runs, default ${defaults.runs}; --seed)
  damage    truncation at every byte, bit flips in segments and acknowledgements (--flips, default ${defaults.flips})
  kills     kill -9 of a process that appends to a spool (--spool-kills, default ${defaults.spoolKills})
  torture   kill -9 of the relay, for each fsync policy (--kills, default ${defaults.kills}; --seed)
  faults    the fault matrix with outages in full length; needs the servers of scripts/servers/install.js
  soak      a relay under load and faults (--minutes, default ${defaults.minutes}; --seed)

Results are appended to a file as lines of JSON (--results, or PROMLINE_RESULTS; default ${defaults.results}).
The last line is "N passed, N failed"; ends with 1 where something failed.`

/** Reads the command line; undefined where help is asked for. Throws for what is not understood. */
export function readVerifyOptions(args: readonly string[], env: NodeJS.ProcessEnv): VerifyOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: parts.join(',') },
      kills: { type: 'string', default: String(defaults.kills) },
      'spool-kills': { type: 'string', default: String(defaults.spoolKills) },
      runs: { type: 'string', default: String(defaults.runs) },
      flips: { type: 'string', default: String(defaults.flips) },
      minutes: { type: 'string', default: String(defaults.minutes) },
      seed: { type: 'string', default: String(defaults.seed) },
      results: { type: 'string', default: env['PROMLINE_RESULTS'] || defaults.results },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  return {
    only: values.only.split(',').map(readPart),
    kills: readCount('kills', values.kills, 1),
    spoolKills: readCount('spool-kills', values['spool-kills'], 1),
    runs: readCount('runs', values.runs, 1),
    flips: readCount('flips', values.flips, 1),
    minutes: readCount('minutes', values.minutes, 1),
    seed: readCount('seed', values.seed),
    results: values.results,
  }
}

function readPart(text: string): Part {
  const part = parts.find((one) => one === text)
  if (part === undefined) throw new Error(`--only: one or more of ${parts.join(', ')}, not ${JSON.stringify(text)}`)
  return part
}
