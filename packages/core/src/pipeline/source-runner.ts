import type { Consume, Source } from '../model/flow.js'

interface Running {
  readonly source: Source
  readonly stop: AbortController
  readonly done: Promise<void>
}

/** Runs the sources of a pipeline. A source runs once; a reload starts the new ones and stops those that are gone. */
export class SourceRunner {
  readonly #consume: Consume
  readonly #onFailure: (source: string, error: unknown) => void
  #sources: readonly Source[]
  readonly #running = new Map<string, Running>()
  #started = false

  constructor(
    sources: readonly Source[],
    options: { readonly consume: Consume; readonly onFailure: (source: string, error: unknown) => void },
  ) {
    this.#sources = sources
    this.#consume = options.consume
    this.#onFailure = options.onFailure
  }

  start(): void {
    this.#started = true
    for (const source of this.#sources) this.#run(source)
  }

  /** What stays, the same object under the same name, runs on. */
  async apply(sources: readonly Source[]): Promise<void> {
    this.#sources = sources
    const kept = new Set(sources)
    const gone = [...this.#running.values()].filter((running) => !kept.has(running.source))
    await Promise.all(gone.map((running) => this.#stopOne(running)))
    if (this.#started) for (const source of sources) this.#run(source)
  }

  /** Tells all sources to stop; resolves when they have. */
  async stop(): Promise<void> {
    this.#started = false
    await Promise.all([...this.#running.values()].map((running) => this.#stopOne(running)))
  }

  #run(source: Source): void {
    if (this.#running.has(source.name)) return
    const stop = new AbortController()
    // A source that throws at once is like one that rejects.
    const run = async (): Promise<void> => source.run(this.#consume, { signal: stop.signal })
    const done = run().catch((error: unknown) => {
      if (!stop.signal.aborted) this.#onFailure(source.name, error)
    })
    this.#running.set(source.name, { source, stop, done })
  }

  async #stopOne(running: Running): Promise<void> {
    running.stop.abort()
    await running.done
    if (this.#running.get(running.source.name) === running) this.#running.delete(running.source.name)
  }
}
