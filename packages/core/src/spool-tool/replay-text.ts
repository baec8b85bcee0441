import { totalOf } from '../model/batch.js'
import { plural } from './plural.js'
import type { ReplayResult } from './replay.js'

/** What was read, and what became of all of it. */
export function accountLine(sink: string, { batches, counts, accounts }: ReplayResult): string {
  const { delivered, rejected, dropped } = accounts[sink]!
  const settled = [
    ...Object.entries(rejected).map(([reason, some]) => ({ samples: totalOf(some), what: `refused (${reason})` })),
    ...Object.entries(dropped).flatMap(([reason, some]) =>
      // What a memory spool still holds when it closes lies in the folder as before.
      reason === 'closed' ? [] : { samples: totalOf(some), what: `dropped (${reason})` },
    ),
  ].filter(({ samples }) => samples > 0)
  const left = totalOf(counts) - totalOf(delivered) - settled.reduce((sum, { samples }) => sum + samples, 0)
  const parts = [`${totalOf(delivered)} delivered`, ...settled.map(({ samples, what }) => `${samples} ${what}`)]
  if (left > 0) parts.push(`${left} not sent`)
  return `${sink}: ${plural(batches, 'batch', 'batches')} with ${plural(totalOf(counts), 'sample')}: ${parts.join(', ')}`
}

/** Why not everything was delivered, and up to where all is: behind it a further replay goes on. */
export function undeliveredLine(
  { failure, deliveredUpTo, refused }: Pick<ReplayResult, 'failure' | 'deliveredUpTo' | 'refused'>,
  { interrupted }: { readonly interrupted: boolean },
): string {
  const upTo = deliveredUpTo === 0 ? 'no batch was delivered' : `everything up to batch ${deliveredUpTo} was delivered`
  const reached = refused ? `${upTo}, but for what was refused` : upTo
  return `${interrupted ? 'interrupted' : whyNotAll(failure)}: ${reached}`
}

function whyNotAll(failure: ReplayResult['failure']): string {
  if (failure === undefined) return 'not everything was delivered'
  const { seq, error } = failure
  return seq === undefined ? `cannot read on (${error.message})` : `batch ${seq} was not delivered (${error.message})`
}
