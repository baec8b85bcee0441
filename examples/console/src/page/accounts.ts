import type { Counts, SinkAccounts } from '@promline/core'
import type { Snapshot } from '../api/snapshot.js'
import { element } from './dom.js'
import { count, total } from './format.js'
import { lossesOf } from './losses.js'
import { type Column, type Row, table } from './table.js'

const columns: readonly Column[] = [
  { title: 'sink' },
  { title: 'recovered', number: true },
  { title: 'in', number: true },
  { title: 'delivered', number: true },
  { title: 'rejected', number: true },
  { title: 'dropped', number: true },
  { title: 'spooled', number: true },
  { title: 'in flight', number: true },
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

function row(name: string, account: SinkAccounts): Row {
  const balance = account.balanced
    ? element('span', { class: 'good' }, '✓ balances')
    : element('span', { class: 'bad' }, '✗ does not balance')
  const cells = [
    element('span', { class: 'name' }, name),
    count(total(account.recovered)),
    count(total(account.in)),
    count(total(account.delivered)),
    losses(account.rejected),
    losses(account.dropped),
    count(total(account.spooled)),
    count(total(account.inFlight)),
    balance,
  ]
  return { key: name, cells }
}

/** The number with its reasons, red where one of them is a loss. */
function losses(byReason: Readonly<Record<string, Counts>>): Node {
  const found = lossesOf(byReason)
  if (found.length === 0) return element('span', { class: 'quiet' }, '0')
  const title = found.map(({ reason, samples }) => `${reason}: ${count(samples)}`).join(', ')
  const sum = found.reduce((before, { samples }) => before + samples, 0)
  return element(
    'span',
    { class: found.every(({ intended }) => intended) ? 'quiet' : 'bad', title },
    `${count(sum)} (${found.map(({ reason }) => reason).join(', ')})`,
  )
}
