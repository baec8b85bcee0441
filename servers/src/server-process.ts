import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { forgetOrphan, guardAgainstOrphan } from './orphan-guard.js'

/** Servers are up in 4 s at most; CI has two cores, and something is always being built on one of them. */
const startTimeoutMs = 60_000
const pollMs = 50
/** Some two hundred lines: enough to see why a server ended. */
const maxLogChars = 20_000

export interface ServerProcessOptions {
  /** For messages. */
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  readonly folder: ServerFolder
  /** Asked every 50 ms until it is true; a rejection means not yet. */
  ready(options: { readonly signal: AbortSignal }): Promise<boolean>
  /** Told every line that it prints, on whichever stream. */
  readonly onLine?: (line: string) => void
}

/** A folder for a server's data and configuration. */
export interface ServerFolder {
  /** Absolute. */
  readonly path: string
  /** Removes it where it is temporary. */
  remove(): Promise<void>
}

/** A temporary folder; or, where a path is given, a folder that stays, made where it is missing. */
export async function createServerFolder(name: string, path?: string): Promise<ServerFolder> {
  if (path !== undefined) {
    const lasting = resolve(path)
    await mkdir(lasting, { recursive: true })
    return { path: lasting, remove: async () => {} }
  }
  const temporary = await mkdtemp(join(tmpdir(), `promline-${name}-`))
  return { path: temporary, remove: () => rm(temporary, { recursive: true, force: true, maxRetries: 5 }) }
}

/** Not to outlive the tests, however those end. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A real server on loopback ports and a folder of its own. */
export class ServerProcess implements AsyncDisposable {
  readonly #options: ServerProcessOptions
  #child: ChildProcess | undefined
  #exited: Promise<string> = Promise.resolve('not started')
  #logs = ''

  constructor(options: ServerProcessOptions) {
    this.#options = options
  }

  /** Starts the program and waits until it is ready. Rejects with the end of its log where it is not in time, or ends. */
  async start(): Promise<void> {
    const { program, args, folder, onLine } = this.#options
    // A process group of its own: an interrupt from the terminal is for us, who stop the servers in order.
    const child = spawn(program, args, { cwd: folder.path, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    this.#child = child
    running.add(child)
    const { pid } = child
    if (pid !== undefined) guardAgainstOrphan(pid)
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#logs = (this.#logs + text).slice(-maxLogChars)
      })
      if (onLine !== undefined) createInterface({ input: stream }).on('line', onLine)
    }
    this.#exited = new Promise((resolve) => {
      child.on('error', (error) => resolve(error.message))
      child.on('close', (code, signal) => resolve(`ended with ${signal ?? `status ${code}`}`))
    })
    void this.#exited.then(() => {
      running.delete(child)
      if (pid !== undefined) forgetOrphan(pid)
    })
    await this.#untilReady()
  }

  async #untilReady(): Promise<void> {
    const over = new AbortController()
    const failed = await Promise.race([
      this.#exited,
      sleep(startTimeoutMs, `was not ready within ${startTimeoutMs / 1_000} s`, { signal: over.signal }).catch(() => undefined),
      this.#poll(over.signal),
    ])
    over.abort()
    if (failed === undefined) return
    await this.kill('SIGKILL')
    throw new Error(`${this.#options.name} ${failed}. The end of its log:\n${this.#logs}`)
  }

  async #poll(signal: AbortSignal): Promise<undefined> {
    while (!signal.aborted) {
      if (await this.#options.ready({ signal }).catch(() => false)) return
      await sleep(pollMs)
    }
  }

  /** The running program's. */
  get pid(): number {
    const pid = this.#child?.pid
    if (pid === undefined) throw new Error(`${this.#options.name} is not running`)
    return pid
  }

  /** The end of what it printed. */
  logs(): string {
    return this.#logs
  }

  /** Resolves when the program that was started last is gone, with how it ended: `ended with status 1`. */
  get exited(): Promise<string> {
    return this.#exited
  }

  /** Asks the program to end and waits, at most for some time, then kills it. Keeps its data; resolves when it is gone. */
  async end(options: { readonly graceMs: number }): Promise<void> {
    const killing = setTimeout(() => this.#child?.kill('SIGKILL'), options.graceMs)
    await this.kill('SIGTERM')
    clearTimeout(killing)
  }

  /** Ends the program and keeps its data; resolves when it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.#child?.kill(signal)
    await this.#exited
    this.#child = undefined
  }

  /** Ends the program unless it is gone already, and starts it again on the same ports and data. */
  async restart(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.#child !== undefined) await this.kill(signal)
    await this.start()
  }

  /** Ends the program at once and removes its folder. Safe to call twice. */
  async stop(): Promise<void> {
    if (this.#child !== undefined) await this.kill('SIGKILL')
    await this.#options.folder.remove()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}

/** Starts a server; where that fails, nothing of it is left. */
export async function startServer(options: ServerProcessOptions): Promise<ServerProcess> {
  const server = new ServerProcess(options)
  try {
    await server.start()
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** Ready when an address answers with a success. */
export function httpReady(url: string): ServerProcessOptions['ready'] {
  return async ({ signal }) => {
    const response = await fetch(url, { signal })
    await response.body?.cancel()
    return response.ok
  }
}
