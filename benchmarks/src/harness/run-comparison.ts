import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Checked, type Comparison, fullName, type Subject } from './comparison.js'
import type { Round } from './measure.js'
import { nextAnswer } from './next-answer.js'
import type { CaseResult } from './result.js'
import { ratios } from './statistics.js'
import type { Answer } from './subject-process.js'

const program = fileURLToPath(new URL('./subject-process.js', import.meta.url))

interface Running {
  readonly subject: Subject
  readonly child: ChildProcess
  readonly checked: Checked
  readonly rounds: Round[]
}

/** Runs the subjects in turn, round by round. Rejects where a subject is wrong. */
export async function runComparison(comparison: Comparison, rounds: number): Promise<CaseResult> {
  const running: Running[] = []
  try {
    for (const subject of comparison.subjects) running.push(await start(comparison, subject))
    for (let i = 0; i < rounds; i++) for (const one of running) one.rounds.push(await nextRound(one.child))
  } finally {
    for (const { child } of running) child.kill('SIGKILL')
  }
  return resultOf(comparison, running)
}

async function start(comparison: Comparison, subject: Subject): Promise<Running> {
  const child = fork(program, [fullName(comparison, subject)])
  try {
    const answer = await nextAnswer<Answer>(child)
    if (answer.kind !== 'ready') throw new Error(`${fullName(comparison, subject)} is not ready`)
    return { subject, child, checked: answer.checked, rounds: [] }
  } catch (error) {
    child.kill('SIGKILL')
    throw new Error(`${fullName(comparison, subject)} is not measured`, { cause: error })
  }
}

async function nextRound(child: ChildProcess): Promise<Round> {
  child.send('round')
  const answer = await nextAnswer<Answer>(child)
  if (answer.kind !== 'round') throw new Error('a subject did not answer with a round')
  return answer.round
}

function resultOf({ name, bytesOf }: Comparison, running: readonly Running[]): CaseResult {
  const bytesTitle = `MB/s ${bytesOf}`
  const speeds = (one: Running): number[] => one.rounds.map(({ samplesPerSecond }) => samplesPerSecond)
  const base = speeds(running[0]!)
  const own = [...new Set(running.flatMap(({ checked }) => Object.keys(checked.figures ?? {})))]
  return {
    name,
    columns: [
      { title: 'M samples/s' },
      { title: 'ns/sample' },
      { title: bytesTitle },
      { title: 'ratio', bounds: true },
      ...own.map((title) => ({ title })),
    ],
    rows: running.map((one) => ({
      subject: one.subject.name,
      figures: {
        'M samples/s': speeds(one).map((speed) => speed / 1e6),
        'ns/sample': speeds(one).map((speed) => 1e9 / speed),
        [bytesTitle]: one.rounds.map(({ bytesPerSecond }) => bytesPerSecond / 1e6),
        ratio: ratios(speeds(one), base),
        ...Object.fromEntries(Object.entries(one.checked.figures ?? {}).map(([title, value]) => [title, [value]])),
      },
      remark: one.checked.remark,
    })),
    notes: [],
  }
}
