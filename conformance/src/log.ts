import type { Logger } from '@promline/core'

/** A log on standard error, a line an event: standard output is for results. */
export const stderrLogger: Logger = {
  debug() {},
  info: (_, message) => write('info', message),
  warn: (_, message) => write('warn', message),
  error: (_, message) => write('error', message),
}

function write(level: string, message: string): void {
  process.stderr.write(`${new Date().toISOString()} ${level} ${message}\n`)
}
