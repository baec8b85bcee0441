import { type Counts, type Pipeline, totalOf } from '@promline/core'

const heading = ['', 'recovered', 'in', 'delivered', 'rejected', 'dropped', 'spooled', 'in flight', '']

/** The accounts of all sinks as a table for people: `recovered + in = delivered + rejected + dropped + spooled + in flight`. */
export function accountsText(pipelines: readonly Pipeline[]): string {
  const rows = pipelines.flatMap((pipeline) =>
    Object.entries(pipeline.accounts().sinks).map(([sink, account]) => [
      `${pipeline.name}/${sink}`,
      ...[account.recovered, account.in, account.delivered].map(number),
      byReason(account.rejected),
      byReason(account.dropped),
      ...[account.spooled, account.inFlight].map(number),
      account.balanced ? 'balanced' : 'NOT BALANCED',
    ]),
  )
  if (rows.length === 0) return ''
  const table = [heading, ...rows]
  const widths = heading.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  const lines = table.map((row) =>
    row.map((cell, i) => (i === 0 || i === row.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  )
  return `accounts, in samples:\n${lines.map((line) => line.trimEnd()).join('\n')}\n`
}

function number(counts: Counts): string {
  return String(totalOf(counts))
}

function byReason(losses: Readonly<Record<string, Counts>>): string {
  const entries = Object.entries(losses).filter(([, counts]) => totalOf(counts) > 0)
  const total = entries.reduce((sum, [, counts]) => sum + totalOf(counts), 0)
  return entries.length === 0 ? '0' : `${total} (${entries.map(([reason, counts]) => `${reason} ${totalOf(counts)}`).join(', ')})`
}
