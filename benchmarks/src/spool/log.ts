import type { Load } from './load.js'

/** A log on disk that is open. */
export interface OpenLog {
  /** Resolves when batch `index` survives a loss of power; those that wait are written together, as far as the log can. */
  append(index: number): Promise<unknown>
  /** Reads everything in order, as a consumer that lags would; `visit` is given what a batch's values are. */
  read(visit: (index: number, values: readonly Float64Array[]) => void): Promise<void>
  close(): Promise<void>
}

/** One of those that are compared. */
export interface LogSubject {
  readonly name: string
  open(dir: string, load: Load): Promise<OpenLog>
}
