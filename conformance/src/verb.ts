import { parseArgs } from 'node:util'
import { parseListen, PromlineError, toError } from '@promline/core'

/** Wrong use of the testee: exit status 2. */
export class UsageError extends Error {}

/** Where a verb's input comes from and its results go: a process' streams, or what a test hands in. */
export interface VerbIo {
  /** All of standard input. */
  input(): Promise<Buffer>
  /** Resolves when it is taken. Rejects with a PromlineError (`closed`) where nobody reads any more. */
  write(chunk: string | Uint8Array): Promise<void>
}

/** One verb of the contract. Resolves when it is done; a PromlineError is a refusal of the input. */
export type Verb = (args: readonly string[], io: VerbIo) => Promise<void>

/** Options by name; undefined where they are not given. */
export type OptionValues = { readonly [name: string]: string | undefined }

/** What is handed to a pipe at once. */
const chunkChars = 1024 * 1024

/** Reads options that take a value, each at most once. Throws a UsageError. */
export function readOptions(args: readonly string[], names: readonly string[]): OptionValues {
  const lists = readLists(args, names)
  return Object.fromEntries(names.map((name) => [name, once(name, lists[name])]))
}

/** The value of an option that is given at most once. Throws a UsageError. */
export function once(name: string, [value, ...others]: readonly string[] = []): string | undefined {
  if (others.length > 0) throw new UsageError(`--${name} is given ${others.length + 1} times`)
  return value
}

/** Reads options that take a value and may be given several times. Throws a UsageError. */
export function readLists(args: readonly string[], names: readonly string[]): { readonly [name: string]: readonly string[] | undefined } {
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const, multiple: true as const }]))
    return parseArgs({ args: [...args], options, allowPositionals: false }).values
  } catch (error) {
    throw new UsageError(toError(error).message)
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

/** The address in `--listen`. Throws a UsageError. */
export function listenAddress(value: string | undefined): string {
  const address = required('listen', value)
  try {
    parseListen(address)
    return address
  } catch (error) {
    throw new UsageError(`--listen: ${toError(error).message}`)
  }
}

/** A whole number of milliseconds, or a fallback. Throws a UsageError. */
export function milliseconds(name: string, value: string | undefined, fallback: number): number {
  if (value === undefined) return fallback
  if (!/^-?\d{1,16}$/.test(value) || !Number.isSafeInteger(Number(value))) {
    throw new UsageError(`--${name} ${value}: a whole number of milliseconds`)
  }
  return Number(value)
}

/** All of standard input as text. Throws a PromlineError (`decode`) where it is not UTF-8. */
export async function readText(io: VerbIo): Promise<string> {
  const input = await io.input()
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input)
  } catch (error) {
    throw new PromlineError('decode', 'the input is not valid UTF-8', { cause: error })
  }
}

/** Writes results. Strings together may be longer than one can be. Rejects with a PromlineError (`closed`). */
export async function writeOutput(io: VerbIo, output: Uint8Array | Iterable<string>): Promise<void> {
  if (output instanceof Uint8Array) return io.write(output)
  let chunk = ''
  for (const part of output) {
    chunk += part
    if (chunk.length < chunkChars) continue
    await io.write(chunk)
    chunk = ''
  }
  await io.write(chunk)
}

/** Prints `listening on URL` once a server does. Rejects where it cannot. */
export async function printListening(io: VerbIo, { url, running }: { url: Promise<string>; running: Promise<void> }): Promise<void> {
  const { origin } = new URL(await Promise.race([url, running.then(() => url)]))
  await io.write(`listening on ${origin}\n`)
}
