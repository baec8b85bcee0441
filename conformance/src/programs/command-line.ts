import { toError } from '@promline/core'

/** A wrong command line, as getopt's programs have it. */
const misusedStatus = 2
const maxSeed = 2 ** 31

/** A program that is called from a shell. */
export interface CommandLine<T extends object> {
  readonly usage: string
  /** Undefined where help is asked for. Throws for what is not understood. */
  readonly readOptions: (args: readonly string[]) => T | undefined
  readonly run: (options: T) => Promise<void>
}

/** Runs a program with the options of its command line; prints the usage where help is asked for, and where it is not understood. */
export async function runProgram<T extends object>({ usage, readOptions, run }: CommandLine<T>): Promise<void> {
  let options: T | undefined
  try {
    options = readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${toError(error).message}\n${usage}`)
    process.exitCode = misusedStatus
    return
  }
  if (options === undefined) console.log(usage)
  else await run(options)
}

/** Ends this process on a signal. Without it a signal would do so past the handlers for its exit, which end what it started. */
export function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
}

/** A whole number of an option. Throws where it is none, or less than `min`: a proof of which nothing is done would pass. */
export function readCount(name: string, text: string, min: number = 0): number {
  if (!/^\d{1,10}$/.test(text)) throw new Error(`--${name}: a whole number, not ${JSON.stringify(text)}`)
  if (Number(text) < min) throw new Error(`--${name}: at least ${min}, not ${text}`)
  return Number(text)
}

/** A seed by chance, as an option's text. */
export function drawSeed(): string {
  return String(Math.floor(Math.random() * maxSeed))
}
