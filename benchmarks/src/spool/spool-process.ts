// One round of one log in a process of its own.
import type { FailedAnswer } from '../harness/next-answer.js'
import { spoolComparisons } from './comparisons.js'
import { measureLog, type SpoolFigures } from './measure.js'

/** What the process answers. */
export interface SpoolAnswer {
  readonly kind: 'measured'
  readonly figures: SpoolFigures
}

const [caseName, subjectName] = process.argv.slice(2)

try {
  const comparison = spoolComparisons.find(({ name }) => name === caseName)
  const subject = comparison?.subjects.find(({ name }) => name === subjectName)
  if (comparison === undefined || subject === undefined) throw new Error(`no such subject: ${caseName}/${subjectName}`)
  answer({ kind: 'measured', figures: await measureLog(subject, comparison) })
} catch (error) {
  answer({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
}

function answer(message: SpoolAnswer | FailedAnswer): void {
  process.send?.(message)
}
