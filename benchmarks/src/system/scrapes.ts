import type { CaseResult } from '../harness/result.js'
import type { Agent } from './agents.js'
import { inTurn, peerRatios, type SystemComparison, type SystemOptions } from './comparison.js'
import { createLoad, type Load, type LoadOptions } from './load.js'
import { runScrapes } from './run-scrapes.js'

/** Agents that scrape targets again and again: what it costs once they know them. */
export function scrapesComparison(name: string, options: LoadOptions, subjects: SystemComparison['subjects']): SystemComparison {
  const load = ({ intervalMs, scrapes, warmScrapes }: Omit<SystemOptions, 'rounds'>): Load =>
    createLoad({
      ...options,
      ...(intervalMs !== undefined && { intervalMs }),
      ...(warmScrapes !== undefined && { warmScrapes }),
      ...(scrapes !== undefined && { measuredScrapes: scrapes }),
    })
  return {
    name,
    subjects,
    run: (agents, given) => measure(name, { agents, load: load(given), rounds: given.rounds }),
    profile: async (agent, nodeOptions, given) => {
      await runScrapes(agent, load(given), { nodeOptions })
    },
  }
}

async function measure(name: string, run: { agents: readonly Agent[]; load: Load; rounds: number }): Promise<CaseResult> {
  const measured = await inTurn(run.agents, run.rounds, (agent) => runScrapes(agent, run.load))
  const ratios = peerRatios(measured, ({ cpuSecondsPerMillion }) => cpuSecondsPerMillion)
  return {
    name,
    columns: [
      { title: 'CPU-s/M samples', bounds: true },
      ...ratios.columns,
      ...['B/sample', 'RSS MB', 'peak MB', 'given up'].map((title) => ({ title })),
    ],
    rows: measured.map((one) => ({
      subject: one.agent.name,
      figures: {
        'CPU-s/M samples': one.figures.map(({ cpuSecondsPerMillion }) => cpuSecondsPerMillion),
        ...ratios.of(one),
        'B/sample': one.figures.map(({ bytesPerSample }) => bytesPerSample),
        'RSS MB': one.figures.map(({ rssMb }) => rssMb),
        'peak MB': one.figures.map(({ peakMb }) => peakMb),
        'given up': one.figures.map(({ unseen }) => unseen),
      },
    })),
    notes: [],
  }
}
