import type { Counts } from '@promline/core'
import { total } from './format.js'

/** What a format or a rule leaves out on purpose. */
const intended: ReadonlySet<string> = new Set(['automatic', 'relabel', 'stale'])

/** Samples that did not arrive, and why. */
export interface Loss {
  readonly reason: string
  readonly samples: number
  /** Left out on purpose: said, but no loss. */
  readonly intended: boolean
}

/** What should be zero and is not. */
export function lossesOf(byReason: Readonly<Record<string, Counts>>): Loss[] {
  return Object.entries(byReason)
    .map(([reason, counts]) => ({ reason, samples: total(counts), intended: intended.has(reason) }))
    .filter(({ samples }) => samples > 0)
}
