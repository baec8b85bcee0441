import type { CaseResult } from '../harness/result.js'
import { agents } from './agents.js'
import type { SystemComparison, SystemOptions } from './comparison.js'
import { firstScrapeComparison } from './first-scrape.js'
import { memoryComparison } from './memory.js'
import { scrapesComparison } from './scrapes.js'

/** A page of 100,000 series takes the slowest Go agent half a second on a machine that others use: at 1 s, skipped scrapes would count. */
const steady = { intervalMs: 2000, warmScrapes: 5, measuredScrapes: 10 } as const
/** Small enough that all agents follow at 1 s, and that V8 needs more of them until it is done with what it optimises. */
const quick = { intervalMs: 1000, warmScrapes: 10, measuredScrapes: 20 } as const

/** Whole agents as processes, from scrape to remote write. */
export const systemComparisons: readonly SystemComparison[] = [
  scrapesComparison('system/n10000', { corpus: 'n10000', targets: 1, ...quick }, agents),
  scrapesComparison('system/n100000', { corpus: 'n100000', targets: 1, ...steady }, agents),
  scrapesComparison('system/ksm', { corpus: 'ksm', targets: 1, ...steady }, agents),
  scrapesComparison('system/node-x200', { corpus: 'node', targets: 200, ...steady }, agents),
  scrapesComparison('system/churn', { corpus: 'churn20000', targets: 1, ...steady }, agents),
  firstScrapeComparison('system/first', 'n100000', agents),
  memoryComparison('system/memory', { large: 'n100000', small: 'tiny' }, agents),
]

/** Runs those agents of a comparison that are installed. */
export async function runSystemComparison(comparison: SystemComparison, options: SystemOptions): Promise<CaseResult> {
  const missing = comparison.subjects.flatMap((agent) => agent.missing() ?? [])
  const available = comparison.subjects.filter((agent) => agent.missing() === undefined)
  const result = await comparison.run(available, options).catch((error: unknown) => {
    throw new Error(`${comparison.name} is not measured`, { cause: error })
  })
  return { ...result, notes: [...result.notes, ...missing.map((reason) => `Left out: ${reason}`)] }
}
