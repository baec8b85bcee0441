import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Comparison, fullName, type Subject } from './comparison.js'
import type { Round } from './measure.js'
import { formatFigure, formatSpread, ratios, spreadOf } from './statistics.js'
import type { Answer } from './subject-process.js'
import { markdownTable } from './table.js'

const program = fileURLToPath(new URL('./subject-process.js', import.meta.url))

interface Running {
  readonly subject: Subject
  readonly child: ChildProcess
  readonly remark: string | undefined
  readonly rounds: Round[]
}

/** Runs the subjects in turn, round by round; resolves with a table. Rejects where a subject is wrong. */
export async function runComparison(comparison: Comparison, rounds: number): Promise<string> {
  const running: Running[] = []
  try {
    for (const subject of comparison.subjects) running.push(await start(comparison, subject))
    for (let i = 0; i < rounds; i++) for (const one of running) one.rounds.push(await nextRound(one.child))
  } finally {
    for (const { child } of running) child.kill('SIGKILL')
  }
  return tableOf(comparison, running)
}

async function start(comparison: Comparison, subject: Subject): Promise<Running> {
  const child = fork(program, [fullName(comparison, subject)])
  try {
    const answer = await nextAnswer(child)
    if (answer.kind !== 'ready') throw new Error(`${fullName(comparison, subject)} is not ready`)
    return { subject, child, remark: answer.remark, rounds: [] }
  } catch (error) {
    child.kill('SIGKILL')
    throw new Error(`${fullName(comparison, subject)} is not measured`, { cause: error })
  }
}

async function nextRound(child: ChildProcess): Promise<Round> {
  child.send('round')
  const answer = await nextAnswer(child)
  if (answer.kind !== 'round') throw new Error('a subject did not answer with a round')
  return answer.round
}

async function nextAnswer(child: ChildProcess): Promise<Answer> {
  const ended = new AbortController()
  const end = once(child, 'exit', { signal: ended.signal }).then(([code, signal]) => {
    throw new Error(`the process of a subject ended (${signal ?? code})`)
  })
  try {
    const [answer]: Answer[] = await Promise.race([once(child, 'message'), end])
    if (answer === undefined) throw new Error('an empty answer')
    if (answer.kind === 'failed') throw new Error(answer.message)
    return answer
  } finally {
    end.catch(() => {}) // aborted below: nobody waits for it any more
    ended.abort()
  }
}

function tableOf(comparison: Comparison, running: readonly Running[]): string {
  const speeds = (one: Running): number[] => one.rounds.map(({ samplesPerSecond }) => samplesPerSecond)
  const base = speeds(running[0]!)
  const rows = running.map((one) => {
    const speed = spreadOf(speeds(one)).median
    const bytes = spreadOf(one.rounds.map(({ bytesPerSecond }) => bytesPerSecond)).median
    const ratio = formatSpread(spreadOf(ratios(speeds(one), base)))
    return [one.subject.name, formatFigure(speed / 1e6), formatFigure(1e9 / speed), formatFigure(bytes / 1e6), ratio, one.remark ?? '']
  })
  const header = [comparison.name, 'M samples/s', 'ns/sample', `MB/s ${comparison.bytesOf}`, 'ratio (min-max)', 'remark']
  return markdownTable(header, rows)
}
