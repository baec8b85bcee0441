import type { Logger } from '@promline/core'
import { pino } from 'pino'
import { PinoPretty } from 'pino-pretty'
import type { LogLevel } from './command-line.js'

/**
 * A log for people, one line an event, on standard error: standard output is for what was asked for (`--help`, the accounts). Messages
 * say it all; the facts behind them are shown at level debug.
 */
export function createLog(level: LogLevel): Logger {
  const showsFacts = level === 'debug'
  const stream = PinoPretty({
    colorize: process.stderr.isTTY,
    destination: 2,
    sync: true,
    // Only with objects: pino-pretty forgets the end of a line that has none.
    singleLine: showsFacts,
    hideObject: !showsFacts,
    errorLikeObjectKeys: [],
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
  })
  return pino({ level }, stream)
}
