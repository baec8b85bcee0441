import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { buffer, text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { run } from '../run.js'

/** The built testee: what other suites drive as well. */
export const testee: string = fileURLToPath(new URL('../../dist/testee.js', import.meta.url))

/** How one run ended. */
export interface TesteeRun {
  /** Null where a signal ended it. */
  readonly status: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** Runs a verb that reads its input to the end. */
export function runTestee(args: readonly string[], input: string | Uint8Array = ''): Promise<TesteeRun> {
  if (!existsSync(testee)) throw new Error(`${testee} does not exist: run npx tsc -b first`)
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [testee, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
    const stdout = buffer(child.stdout)
    const stderr = text(child.stderr)
    child.on('error', reject)
    child.on('close', (status) => {
      Promise.all([stdout, stderr]).then(([out, err]) => resolve({ status, stdout: out, stderr: err }), reject)
    })
    // A verb that refuses its options does not read its input.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

/** The same, in this process: for tables with more rows than there should be processes. */
export async function callTestee(args: readonly string[], input: string | Uint8Array = ''): Promise<TesteeRun> {
  const chunks: Buffer[] = []
  const result = await run(args, {
    input: async () => Buffer.from(input),
    write: async (chunk) => {
      chunks.push(Buffer.from(chunk))
    },
  })
  return { status: result.status, stdout: Buffer.concat(chunks), stderr: result.status === 0 ? '' : `${result.message}\n` }
}

/** What a verb prints for an input that it takes, in this process. Throws with its message where it does not. */
export async function outputOf(args: readonly string[], input: string | Uint8Array): Promise<Buffer> {
  const { status, stdout, stderr } = await callTestee(args, input)
  if (status !== 0) throw new Error(`testee ${args.join(' ')}: status ${status}: ${stderr}`)
  return stdout
}

/** The lines of a text that ends with a line feed, or is empty. */
export function linesOf(text: string | Buffer): string[] {
  const lines = text.toString().split('\n')
  if (lines.pop() !== '') throw new Error(`no line feed at the end of ${JSON.stringify(text.toString().slice(-80))}`)
  return lines
}

/** NDJSON as values. */
export function jsonLines<T>(text: string | Buffer): T[] {
  return linesOf(text).map((line): T => JSON.parse(line))
}
