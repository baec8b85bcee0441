import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** The top of the repository. */
export const repository: string = fileURLToPath(new URL('../../../', import.meta.url))
/** Programs start within a second; the machine of CI has two cores and is never alone. */
const printTimeoutMs = 30_000

export interface ProgramOptions {
  /** Default: the node that runs the tests. */
  readonly program?: string
  readonly args: readonly string[]
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** A process group of its own, which signals go to as a whole: what Ctrl-C does in a terminal. Default false. */
  readonly group?: boolean
}

/** How a program ended, and all that it printed. */
export interface ProgramExit {
  /** Null where a signal ended it. */
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What runs goes when this process goes, however it ends; but for SIGKILL. */
const running = new Set<ChildProgram>()
process.on('exit', () => {
  for (const program of running) program.signal('SIGKILL')
})

/** One of the built programs as a process. It is up to its owner to end it. */
export class ChildProgram {
  readonly exited: Promise<ProgramExit>
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly #group: boolean
  readonly #waiting = new Set<() => void>()
  #stdout = ''
  #stderr = ''
  #isOver = false

  constructor(options: ProgramOptions) {
    const { program = process.execPath, args, cwd, env, group = false } = options
    this.#group = group
    this.#child = spawn(program, args, { cwd, env, detached: group, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
      this.#look()
    })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
      this.#look()
    })
    running.add(this)
    this.exited = new Promise((resolve, reject) => {
      this.#child.on('error', reject)
      this.#child.on('close', (status) => {
        this.#isOver = true
        running.delete(this)
        this.#look()
        resolve({ status, stdout: this.#stdout, stderr: this.#stderr })
      })
    })
    this.exited.catch(() => {}) // whoever waits for it hears of it
  }

  get pid(): number {
    const { pid } = this.#child
    if (pid === undefined) throw new Error('the program did not start')
    return pid
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Everything that it printed so far, on both streams. */
  output(): string {
    return this.#stdout + this.#stderr
  }

  /** Resolves with the match once the output has one; rejects with the output where the program ends before, or in time. */
  async printed(pattern: RegExp, { timeoutMs = printTimeoutMs }: { readonly timeoutMs?: number } = {}): Promise<RegExpExecArray> {
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const match = pattern.exec(this.output())
      if (match !== null) return match
      if (this.#isOver) throw new Error(`ended before it printed ${pattern}:\n${this.output()}`)
      if (performance.now() >= deadline) throw new Error(`did not print ${pattern} within ${timeoutMs / 1_000} s:\n${this.output()}`)
      await this.#change(deadline - performance.now())
    }
  }

  /** Sends a signal, unless it is over; to the whole group where it has one. */
  signal(signal: NodeJS.Signals): void {
    if (this.#isOver) return
    try {
      process.kill(this.#group ? -this.pid : this.pid, signal)
    } catch {
      // It ended by itself a moment ago.
    }
  }

  /** Asks it to stop; resolves when it did. */
  async stop(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<ProgramExit> {
    this.signal(signal)
    return this.exited
  }

  /** kill -9; resolves when it is gone. */
  async kill(): Promise<ProgramExit> {
    this.signal('SIGKILL')
    return this.exited
  }

  #look(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }

  async #change(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#waiting.add(resolve)
      timer = setTimeout(resolve, timeoutMs)
    })
    clearTimeout(timer)
  }
}

/** The arguments that make node the built testee, as public suites drive it. */
export function testeeArguments(verb: string, ...args: readonly string[]): string[] {
  return [`${repository}conformance/dist/testee.js`, verb, ...args]
}
