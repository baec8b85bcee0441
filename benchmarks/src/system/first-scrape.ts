import type { CorpusName } from '../corpus/corpus.js'
import type { CaseResult } from '../harness/result.js'
import type { Agent } from './agents.js'
import { inTurn, peerRatios, type SystemComparison } from './comparison.js'
import { createLoad, type Load } from './load.js'
import { runFirstScrape } from './run-first-scrape.js'

/** Long enough that what the first scrape brought has been sent before the second, though Prometheus waits five seconds for a request to fill. */
const intervalMs = 15_000

/** Fresh agents that scrape one target for the first time: nothing is known of its series, and nothing is optimised by V8. */
export function firstScrapeComparison(name: string, corpus: CorpusName, subjects: SystemComparison['subjects']): SystemComparison {
  const load = (): Load => createLoad({ corpus, targets: 1, intervalMs, warmScrapes: 0, measuredScrapes: 1 })
  return {
    name,
    subjects,
    run: (agents, { rounds }) => measure(name, { agents, load: load(), rounds }),
    profile: async (agent, nodeOptions) => {
      await runFirstScrape(agent, load(), { nodeOptions })
    },
  }
}

async function measure(name: string, run: { agents: readonly Agent[]; load: Load; rounds: number }): Promise<CaseResult> {
  const measured = await inTurn(run.agents, run.rounds, (agent) => runFirstScrape(agent, run.load))
  const ratios = peerRatios(measured, ({ cpuUsPerSeries }) => cpuUsPerSeries)
  return {
    name,
    columns: [
      { title: 'CPU us/series', bounds: true },
      ...ratios.columns,
      { title: 'longest stall ms', bounds: true },
      { title: 'busy ms' },
      { title: 'wall ms' },
      { title: 'peak MB' },
    ],
    rows: measured.map((one) => ({
      subject: one.agent.name,
      figures: {
        'CPU us/series': one.figures.map(({ cpuUsPerSeries }) => cpuUsPerSeries),
        ...ratios.of(one),
        'longest stall ms': one.figures.flatMap(({ stall }) => stall?.wallMs ?? []),
        'busy ms': one.figures.flatMap(({ stall }) => stall?.busyMs ?? []),
        'wall ms': one.figures.map(({ wallMs }) => wallMs),
        'peak MB': one.figures.map(({ peakMb }) => peakMb),
      },
    })),
    notes: [],
  }
}
