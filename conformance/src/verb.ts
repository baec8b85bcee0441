import { parseArgs } from 'node:util'

/** Wrong use of the testee: exit status 2. */
export class UsageError extends Error {}

/** One verb of the contract. Resolves when it is done; a PromlineError is a refusal of the input. */
export type Verb = (args: readonly string[]) => Promise<void>

type OptionValues = { readonly [name: string]: string | undefined }

/** Reads options that take a value, each at most once. Throws a UsageError. */
export function readOptions(args: readonly string[], names: readonly string[]): OptionValues {
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
    return parseArgs({ args: [...args], options, allowPositionals: false }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** The value of an option that is one of a list. Throws a UsageError. */
export function choice<const T extends string>(name: string, value: string | undefined, choices: readonly T[]): T {
  const found = choices.find((one) => one === (value ?? choices[0]))
  if (found === undefined) throw new UsageError(`--${name} ${value}: one of ${choices.join(', ')}`)
  return found
}

/** The value of an option that must be given. Throws a UsageError. */
export function required(name: string, value: string | undefined): string {
  if (value === undefined) throw new UsageError(`--${name} is required`)
  return value
}

/** A whole number of milliseconds, or a fallback. Throws a UsageError. */
export function milliseconds(name: string, value: string | undefined, fallback: number): number {
  if (value === undefined) return fallback
  if (!/^-?\d{1,16}$/.test(value)) throw new UsageError(`--${name} ${value}: a whole number of milliseconds`)
  return Number(value)
}

/** All of standard input. */
export async function readInput(): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

/** Writes to standard output, and waits until it is taken: a pipe may be slower than the program. */
export async function writeOutput(output: string | Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => process.stdout.write(output, (error) => (error ? reject(error) : resolve())))
}
