import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { nextAnswer } from '../harness/next-answer.js'
import type { CaseResult } from '../harness/result.js'
import { ratios } from '../harness/statistics.js'
import type { SpoolComparison } from './comparisons.js'
import type { LogSubject } from './log.js'
import type { SpoolFigures } from './measure.js'
import type { SpoolAnswer } from './spool-process.js'

const program = fileURLToPath(new URL('./spool-process.js', import.meta.url))

interface Measured {
  readonly subject: LogSubject
  readonly rounds: SpoolFigures[]
}

/** Runs the logs in turn, round by round, each round in a process and a folder of its own. Rejects where one is wrong. */
export async function runSpoolComparison(comparison: SpoolComparison, rounds: number): Promise<CaseResult> {
  const measured = comparison.subjects.map((subject): Measured => ({ subject, rounds: [] }))
  for (let i = 0; i < rounds; i++) for (const one of measured) one.rounds.push(await runOnce(comparison, one.subject))
  const of = (one: Measured, figure: keyof SpoolFigures): number[] => one.rounds.map((round) => round[figure])
  const [base] = measured
  return {
    name: comparison.name,
    columns: [
      { title: 'append MB/s', bounds: true },
      { title: 'append ratio', bounds: true },
      { title: 'append CPU s/GB' },
      { title: 'reopen s' },
      { title: 'read M samples/s', bounds: true },
      { title: 'read CPU s/GB' },
    ],
    rows: measured.map((one) => ({
      subject: one.subject.name,
      figures: {
        'append MB/s': of(one, 'appendMbPerSecond'),
        'append ratio': ratios(of(one, 'appendMbPerSecond'), of(base!, 'appendMbPerSecond')),
        'append CPU s/GB': of(one, 'appendCpuSeconds'),
        'reopen s': of(one, 'reopenSeconds'),
        'read M samples/s': of(one, 'readMillionsPerSecond'),
        'read CPU s/GB': of(one, 'readCpuSeconds'),
      },
    })),
    notes: [],
  }
}

async function runOnce({ name }: SpoolComparison, subject: LogSubject): Promise<SpoolFigures> {
  const child = fork(program, [name, subject.name])
  try {
    return (await nextAnswer<SpoolAnswer>(child)).figures
  } catch (error) {
    throw new Error(`${name}/${subject.name} is not measured`, { cause: error })
  } finally {
    child.kill('SIGKILL')
  }
}
