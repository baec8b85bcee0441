import { parseArgs } from 'node:util'
import { drawSeed, readCount } from '../../programs/command-line.js'

export interface SoakOptions {
  readonly minutes: number
  /** Samples a second, of all clients together. */
  readonly rate: number
  readonly seed: number
}

/** 100,000 series every 15 s are 6,667 samples a second: half as many again. */
export const defaultRate = 10_000
const defaultMinutes = 10

export const usage: string = `usage: pnpm soak [--minutes N] [--rate N] [--seed N]

Runs a relay (the testee's, three sinks, --max-old-space-size=256) under load while its targets go down and come back, answer late, with
503 or 429, or not at all, or are cut off, one fault every few seconds. Its heap after a full collection must not grow by 0.5 MB a minute,
its file descriptors not at all, and nothing may be lost. Reported: how late its timers are.

  --minutes N   how long; a fraction will do (default ${defaultMinutes})
  --rate N      samples a second (default ${defaultRate})
  --seed N      of the faults (default: by chance; printed)

Ends with 1 where something was violated.`

/** Reads the command line; undefined where help is asked for. Throws for what is not understood. */
export function readSoakOptions(args: readonly string[]): SoakOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: String(defaultMinutes) },
      rate: { type: 'string', default: String(defaultRate) },
      seed: { type: 'string', default: drawSeed() },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const minutes = Number(values.minutes)
  if (!(minutes > 0 && minutes < Number.POSITIVE_INFINITY))
    throw new Error(`--minutes: a number above 0, not ${JSON.stringify(values.minutes)}`)
  return { minutes, rate: readCount('rate', values.rate, 1), seed: readCount('seed', values.seed) }
}
