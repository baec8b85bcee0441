import type { CorpusName } from '../corpus/corpus.js'
import type { LogSubject } from './log.js'
import { promlineLog } from './promline-log.js'
import { segmentQueueLog } from './segment-queue.js'
import { classicLevelLog, lmdbLog } from './stores.js'

/** What a log is filled with. */
export interface SpoolCase {
  readonly corpus: CorpusName
  readonly bytes: number
}

/** Logs that keep the same batches. */
export interface SpoolComparison extends SpoolCase {
  readonly name: string
  /** The first is the one that ratios are of. */
  readonly subjects: readonly [base: LogSubject, ...others: LogSubject[]]
}

const gigabyte = 1e9
const subjects = [segmentQueueLog, promlineLog, classicLevelLog, lmdbLog] as const

/** Logs on disk: batches of 10,000 samples, and of 500. */
export const spoolComparisons: readonly SpoolComparison[] = [
  { name: 'spool/n10000', corpus: 'n10000', bytes: gigabyte, subjects },
  { name: 'spool/node', corpus: 'node', bytes: gigabyte / 4, subjects },
]
