import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { PromlineError } from '../model/errors.js'

/** Says whether a password is the one of a bcrypt hash. */
export type ComparePassword = (password: string, hash: string) => Promise<boolean>

/**
 * What runs in the thread. A text and not a file, since the sources are TypeScript, which not every Node that we support can run, and the
 * package has to work from them as well.
 */
const program = `
  const { parentPort, workerData } = require('node:worker_threads')
  const { compareSync } = require(workerData)
  parentPort.on('message', ({ id, password, hash }) => parentPort.postMessage({ id, matches: compareSync(password, hash) }))
`

interface Waiting {
  readonly resolve: (matches: boolean) => void
  readonly reject: (error: Error) => void
}

/**
 * bcrypt in a thread of its own. bcryptjs' asynchronous form gives way only every 100 ms (its MAX_EXECUTION_TIME; a comparison at cost 10
 * held the event loop for 91 ms), and a server that is asked for passwords must go on serving.
 */
class BcryptThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  /** A thread that ended, for whatever reason, is not used again. */
  ended = false

  constructor() {
    const bcryptjs = createRequire(import.meta.url).resolve('bcryptjs')
    this.#worker = new Worker(program, { eval: true, execArgv: [], workerData: bcryptjs, name: 'promline bcrypt' })
    this.#worker.on('message', ({ id, matches }: { id: number; matches: boolean }) => this.#settle(id, matches))
    this.#worker.on('error', (error) => this.#end(error))
    this.#worker.on('exit', () => this.#end(new Error('it has ended')))
    this.#worker.unref()
  }

  compare(password: string, hash: string): Promise<boolean> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.ref() // until it has answered: alone, the thread keeps no process alive
      this.#worker.postMessage({ id, password, hash })
    })
  }

  #settle(id: number, matches: boolean): void {
    this.#waiting.get(id)?.resolve(matches)
    this.#waiting.delete(id)
    if (this.#waiting.size === 0) this.#worker.unref()
  }

  #end(cause: Error): void {
    this.ended = true
    for (const { reject } of this.#waiting.values()) {
      reject(new PromlineError('unavailable', `passwords cannot be checked: ${cause.message}`, { cause }))
    }
    this.#waiting.clear()
  }
}

/** One for the process, made at the first use: however many servers ask, one password is hashed at a time. */
let thread: BcryptThread | undefined

/** Compares in a thread of its own, one password after the other. Rejects with a PromlineError (`unavailable`) where the thread died. */
export const compareBcrypt: ComparePassword = (password, hash) => {
  if (thread === undefined || thread.ended) thread = new BcryptThread()
  return thread.compare(password, hash)
}
