import type { CorpusName } from '../corpus/corpus.js'
import type { CaseResult } from '../harness/result.js'
import type { Agent } from './agents.js'
import { inTurn, peerRatios, type SystemComparison } from './comparison.js'
import { createLoad, type Load } from './load.js'
import { runScrapes } from './run-scrapes.js'

/** What agents keep of a series, and what they take at most. */
interface MemoryFigures {
  readonly bytesPerSeries: number
  readonly peakBytesPerSeries: number
  /** With next to nothing to do. */
  readonly baseMb: number
}

/** What an agent takes of memory for the series of a large page: beside a small one, so that the program itself does not count. */
export function memoryComparison(
  name: string,
  corpora: { readonly large: CorpusName; readonly small: CorpusName },
  subjects: SystemComparison['subjects'],
): SystemComparison {
  const load = (corpus: CorpusName): Load => createLoad({ corpus, targets: 1, intervalMs: 2000, warmScrapes: 3, measuredScrapes: 3 })
  const loads = (): Loads => ({ large: load(corpora.large), small: load(corpora.small) })
  return {
    name,
    subjects,
    run: (agents, { rounds }) => measure(name, { agents, loads: loads(), rounds }),
    profile: async (agent, nodeOptions) => {
      await runScrapes(agent, loads().large, { nodeOptions })
    },
  }
}

interface Loads {
  readonly large: Load
  readonly small: Load
}

async function measure(name: string, run: { agents: readonly Agent[]; loads: Loads; rounds: number }): Promise<CaseResult> {
  const measured = await inTurn(run.agents, run.rounds, (agent) => measureOne(agent, run.loads))
  const ratios = peerRatios(measured, ({ bytesPerSeries }) => bytesPerSeries)
  return {
    name,
    columns: [
      { title: 'RSS B/series', bounds: true },
      ...ratios.columns,
      { title: 'peak B/series', bounds: true },
      { title: 'RSS MB of tiny' },
    ],
    rows: measured.map((one) => ({
      subject: one.agent.name,
      figures: {
        'RSS B/series': one.figures.map(({ bytesPerSeries }) => bytesPerSeries),
        ...ratios.of(one),
        'peak B/series': one.figures.map(({ peakBytesPerSeries }) => peakBytesPerSeries),
        'RSS MB of tiny': one.figures.map(({ baseMb }) => baseMb),
      },
    })),
    notes: [],
  }
}

async function measureOne(agent: Agent, { large, small }: Loads): Promise<MemoryFigures> {
  const base = await runScrapes(agent, small)
  const full = await runScrapes(agent, large)
  const perSeries = (a: number, b: number): number => ((a - b) * 1e6) / (large.corpus.samples - small.corpus.samples)
  return {
    bytesPerSeries: perSeries(full.rssMb, base.rssMb),
    peakBytesPerSeries: perSeries(full.peakMb, base.peakMb),
    baseMb: base.rssMb,
  }
}
