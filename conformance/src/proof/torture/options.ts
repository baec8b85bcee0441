import { parseArgs } from 'node:util'
import { drawSeed, readCount } from '../../programs/command-line.js'

const policies = ['always', 'interval', 'os'] as const
export type FsyncPolicy = (typeof policies)[number]

const targetPlans = ['changing', 'down', 'up'] as const
/** What targets do while the relay is killed: come and go, stay away until the last start, or take everything. */
export type TargetPlan = (typeof targetPlans)[number]

export interface TortureOptions {
  /** In all, shared by the relays. */
  readonly kills: number
  readonly fsync: FsyncPolicy
  readonly targets: TargetPlan
  /** The same seed gives the same series of decisions; the machine decides on the rest. */
  readonly seed: number
  /** Relays that are tortured beside each other, each with clients and targets of its own. */
  readonly relays: number
}

/** Most of the time a relay waits: for node to start, for a moment to be killed at. */
const defaultRelays = 3
const defaultKills = 100

export const usage: string = `usage: pnpm torture [--kills N] [--fsync always|interval|os] [--targets changing|down|up] [--seed N] [--relays N]

Kills relays (the testee's, with two sinks of remote write and one of InfluxDB) with SIGKILL at random moments, some with SIGTERM,
while clients write and the targets come and go, answer late, with 503 or 429, or not at all, or are cut off. Then everything that
was answered with 2xx must have arrived at each target: in the order of its series, unaltered, and nothing again that was settled.

  --kills N     in all (default ${defaultKills})
  --fsync P     fsync policy of the spool (default interval)
  --targets T   changing (default), down until the last start, or up
  --seed N      of the decisions (default: by chance; printed)
  --relays N    tortured beside each other (default ${defaultRelays})

Ends with 1 where something was violated; the data folder is then kept.`

/** Reads the command line; undefined where help is asked for. Throws for what is not understood. */
export function readTortureOptions(args: readonly string[]): TortureOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: String(defaultKills) },
      fsync: { type: 'string', default: 'interval' },
      targets: { type: 'string', default: 'changing' },
      seed: { type: 'string', default: drawSeed() },
      relays: { type: 'string', default: String(defaultRelays) },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const kills = readCount('kills', values.kills, 1)
  return {
    kills,
    fsync: readChoice('fsync', values.fsync, policies),
    targets: readChoice('targets', values.targets, targetPlans),
    seed: readCount('seed', values.seed),
    relays: Math.min(kills, readCount('relays', values.relays, 1)),
  }
}

function readChoice<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((one) => one === text)
  if (choice === undefined) throw new Error(`--${name}: one of ${choices.join(', ')}, not ${JSON.stringify(text)}`)
  return choice
}
