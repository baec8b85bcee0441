// A subject in a process of its own: what V8 learned of one subject must not slow down or help another.
import { comparisons } from '../comparisons.js'
import { type Checked, fullName } from './comparison.js'
import { type Round, Stopwatch } from './measure.js'
import type { FailedAnswer } from './next-answer.js'

/** What the process answers: first to its start, then to each message. */
export type Answer = { readonly kind: 'ready'; readonly checked: Checked } | { readonly kind: 'round'; readonly round: Round }

const [name] = process.argv.slice(2)

try {
  const [subject] = comparisons.flatMap((one) => one.subjects.filter((candidate) => fullName(one, candidate) === name))
  if (subject === undefined) throw new Error(`no such subject: ${name}`)
  const task = await subject.create()
  const checked = await task.check()
  const stopwatch = new Stopwatch(task)
  await stopwatch.warmUp()
  process.on('message', () => {
    stopwatch.round().then((round) => answer({ kind: 'round', round }), fail)
  })
  answer({ kind: 'ready', checked })
} catch (error) {
  fail(error)
}

function answer(message: Answer | FailedAnswer): void {
  process.send?.(message)
}

function fail(error: unknown): void {
  answer({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
}
