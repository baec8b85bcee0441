import type { Logger } from '@promline/core'
import type { ServerProcess } from '@promline/servers'

/** A child process of the demo, which can be stopped and started while the rest goes on. Calls take their turns. */
export interface ProgramSwitch {
  readonly name: string
  /** Undefined while it does not run. */
  readonly pid: number | undefined
  /** Asks it to end, and waits. Does nothing where it does not run. */
  stop(): Promise<void>
  /** Ends it by SIGKILL, as a crash would. Does nothing where it does not run. */
  kill(): Promise<void>
  /** Starts it again on the same ports and data. Does nothing where it runs. Rejects with the end of its log where it does not come up. */
  start(): Promise<void>
}

export interface ProgramSwitchOptions {
  readonly name: string
  /** Running. */
  readonly process: ServerProcess
  /** After being asked to end it has this long before it is killed. */
  readonly graceMs: number
  readonly logger: Logger
}

/** A switch for a program that runs. One that ends by itself is logged as an error. */
export function createProgramSwitch(options: ProgramSwitchOptions): ProgramSwitch {
  return new ProcessSwitch(options)
}

class ProcessSwitch implements ProgramSwitch {
  readonly name: string
  readonly #options: ProgramSwitchOptions
  #isRunning = true
  #isStopping = false
  #turn: Promise<void> = Promise.resolve()

  constructor(options: ProgramSwitchOptions) {
    this.name = options.name
    this.#options = options
    void this.#watch()
  }

  get pid(): number | undefined {
    return this.#isRunning ? this.#options.process.pid : undefined
  }

  stop(): Promise<void> {
    return this.#next(() => this.#end('is stopped', () => this.#options.process.end({ graceMs: this.#options.graceMs })))
  }

  kill(): Promise<void> {
    return this.#next(() => this.#end('is killed', () => this.#options.process.kill('SIGKILL')))
  }

  start(): Promise<void> {
    return this.#next(async () => {
      if (this.#isRunning) return
      await this.#options.process.start()
      this.#isRunning = true
      this.#isStopping = false
      void this.#watch()
      this.#options.logger.info({}, `${this.name} is started again, pid ${this.pid}`)
    })
  }

  #next(action: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(action)
    this.#turn = mine.catch(() => {}) // whoever called has the error
    return mine
  }

  async #end(how: string, end: () => Promise<void>): Promise<void> {
    if (!this.#isRunning) return
    this.#isStopping = true
    await end()
    this.#options.logger.info({}, `${this.name} ${how}`)
  }

  async #watch(): Promise<void> {
    const { process, logger } = this.#options
    const how = await process.exited
    this.#isRunning = false
    const lastLine = process.logs().trimEnd().split('\n').at(-1) ?? ''
    if (!this.#isStopping) logger.error({}, `${this.name} ${how}${lastLine === '' ? '' : `: ${lastLine}`}`)
  }
}
