import type { TargetStatus } from '@promline/core'
import type { Snapshot } from '../api/snapshot.js'
import { drawAccounts } from './accounts.js'
import { byId, replaceContent } from './dom.js'
import { startExplore } from './explore.js'
import { drawFlow } from './flow.js'
import { clockTime } from './format.js'
import { follow, getJson } from './live.js'
import { drawSinks } from './sinks.js'
import { drawTargets } from './targets.js'

/** Targets change once a scrape, not once a second. */
const targetsMs = 2_000

function show(snapshot: Snapshot): void {
  byId('version').textContent = `${snapshot.version}, up since ${clockTime(snapshot.startedMs)}`
  replaceContent(byId('flow'), ...drawFlow(snapshot))
  replaceContent(byId('accounts'), ...drawAccounts(snapshot))
  replaceContent(byId('sinks'), ...drawSinks(snapshot))
}

function tell(text: string, lost: boolean): void {
  byId('live').textContent = text
  byId('live').className = lost ? 'lost' : ''
}

let targets: readonly TargetStatus[] = []

async function refreshTargets(): Promise<void> {
  try {
    targets = await getJson<TargetStatus[]>('/api/targets')
    showTargets()
  } catch {
    // The header says that the process is gone.
  }
}

function showTargets(): void {
  const parent = byId('targets')
  const filter = byId('target-filter')
  const open = new Set([...parent.querySelectorAll('details[open]')].map((details) => details.getAttribute('data-key') ?? ''))
  replaceContent(parent, ...drawTargets(targets, filter instanceof HTMLInputElement ? filter.value : '', open))
}

follow(show, tell)
void refreshTargets()
setInterval(() => void refreshTargets(), targetsMs)
byId('target-filter').addEventListener('input', showTargets)
startExplore()
