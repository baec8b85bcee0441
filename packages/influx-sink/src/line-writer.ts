/** What a server answered to a write, whatever its version; the sink makes an outcome of it. */
export interface LineAnswer {
  /** The HTTP status. A writer without a server answers 204. */
  readonly status: number
  /** The answer's body as text; '' where there is none. */
  readonly body: string
  /** The header of that name. */
  readonly retryAfter?: string
  /** The header of that name: a page for people is no answer to a write. */
  readonly contentType?: string
}

/** Brings line protocol to a database. */
export interface LineWriter {
  /**
   * One attempt, which may overlap with others. Resolves with every status, and rejects with a PromlineError where there was no answer.
   * Must end soon after the signal aborts.
   *
   * @param lines line protocol in UTF-8, each line ended by LF, timestamps in nanoseconds
   */
  write(lines: Uint8Array, options: { readonly signal: AbortSignal }): Promise<LineAnswer>
  /** Called once, after the last write. */
  close?(): Promise<void>
}
