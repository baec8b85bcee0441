/** What one process of the federation does. */
export interface Role {
  /** What `--help` prints. */
  readonly help: string
  /** Runs until SIGINT or SIGTERM, and resolves once it has stopped in order. Rejects where it cannot start or go on. */
  run(args: readonly string[]): Promise<void>
}
