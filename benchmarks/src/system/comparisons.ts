import { type CorpusName, createCorpus } from '../corpus/corpus.js'
import { formatFigure, formatSpread, ratios, spreadOf } from '../harness/statistics.js'
import { markdownTable } from '../harness/table.js'
import { type Agent, agents } from './agents.js'
import { type AgentFigures, type Load, runAgent } from './run-agent.js'

/** Agents that do the same work. */
export interface SystemComparison {
  readonly name: string
  readonly corpus: CorpusName
  readonly targets: number
  readonly subjects: readonly [base: Agent, ...others: Agent[]]
}

/** An agent, and a figure for each round. */
interface Measured {
  readonly agent: Agent
  readonly figures: AgentFigures[]
}

/** Whole agents as processes, from scrape to remote write. */
export const systemComparisons: readonly SystemComparison[] = [
  { name: 'system/n10000', corpus: 'n10000', targets: 1, subjects: agents },
  { name: 'system/n100000', corpus: 'n100000', targets: 1, subjects: agents },
  { name: 'system/ksm', corpus: 'ksm', targets: 1, subjects: agents },
  { name: 'system/node-x200', corpus: 'node', targets: 200, subjects: agents },
]

/** What a comparison serves. */
export function loadOf({ corpus, targets }: SystemComparison): Load {
  return { corpus: createCorpus(corpus), targets }
}

/** Runs the agents in turn, round by round; resolves with a table. */
export async function runSystemComparison(comparison: SystemComparison, rounds: number): Promise<string> {
  const load = loadOf(comparison)
  const missing = comparison.subjects.flatMap((agent) => agent.missing() ?? [])
  const running = comparison.subjects.filter((agent) => agent.missing() === undefined).map((agent): Measured => ({ agent, figures: [] }))
  for (let i = 0; i < rounds; i++) for (const { agent, figures } of running) figures.push(await runAgent(agent, load))
  const cpu = (figures: readonly AgentFigures[]): number[] => figures.map(({ cpuSecondsPerMillion }) => cpuSecondsPerMillion)
  const median = (figures: readonly AgentFigures[], of: keyof AgentFigures): string =>
    formatFigure(spreadOf(figures.map((one) => one[of])).median)
  const base = cpu(running[0]?.figures ?? [])
  const rows = running.map(({ agent, figures }) => [
    agent.name,
    formatSpread(spreadOf(cpu(figures))),
    formatSpread(spreadOf(ratios(base, cpu(figures)))),
    median(figures, 'bytesPerSample'),
    median(figures, 'rssMb'),
    median(figures, 'peakMb'),
    String(figures.reduce((sum, one) => sum + one.unseen, 0)),
  ])
  const header = [comparison.name, 'CPU-s/M samples', `${running[0]?.agent.name} / x`, 'B/sample', 'RSS MB', 'peak MB', 'given up']
  return [markdownTable(header, rows), ...missing.map((reason) => `Left out: ${reason}\n`)].join('\n')
}
