import type { Counts, SinkAccounts } from '@promline/core'
import type { Snapshot } from '../api/snapshot.js'
import { element, table } from './dom.js'
import { count } from './format.js'
import { isIntended } from './losses.js'

const columns = [
  { title: 'sink' },
  ...['recovered', 'in', 'delivered', 'rejected', 'dropped', 'spooled', 'in flight'].map((title) => ({ title, number: true })),
  { title: 'balance' },
]

/** Part 2: the accounts, a row a sink. */
export function drawAccounts(snapshot: Snapshot): Node[] {
  const rows = snapshot.pipelines.flatMap((pipeline) =>
    Object.entries(pipeline.accounts.sinks).map(([sink, account]) => row(`${pipeline.status.name} / ${sink}`, account)),
  )
  if (rows.length === 0) return [element('p', { class: 'quiet' }, 'No sink is configured, so there is nothing to account for.')]
  return [table(columns, rows)]
}

function row(name: string, account: SinkAccounts): (Node | string)[] {
  const balance = account.balanced
    ? element('span', { class: 'good' }, '✓ balances')
    : element('span', { class: 'bad' }, '✗ does not balance')
  return [
    element('span', { class: 'name' }, name),
    count(all(account.recovered)),
    count(all(account.in)),
    count(all(account.delivered)),
    losses(account.rejected),
    losses(account.dropped),
    count(all(account.spooled)),
    count(all(account.inFlight)),
    balance,
  ]
}

function losses(byReason: Readonly<Record<string, Counts>>): Node {
  const entries = Object.entries(byReason).filter(([, counts]) => all(counts) > 0)
  if (entries.length === 0) return element('span', { class: 'quiet' }, '0')
  const total = entries.reduce((sum, [, counts]) => sum + all(counts), 0)
  const bad = entries.some(([reason]) => !isIntended(reason))
  const title = entries.map(([reason, counts]) => `${reason}: ${count(all(counts))}`).join(', ')
  return element('span', { class: bad ? 'bad' : 'quiet', title }, `${count(total)} (${entries.map(([reason]) => reason).join(', ')})`)
}

function all(counts: Counts): number {
  return counts.samples + counts.histograms + counts.exemplars
}
