import type { TargetStatus } from '@promline/core'
import type { Snapshot } from '../api/snapshot.js'
import { drawAccounts } from './accounts.js'
import { byId, time } from './dom.js'
import { startExplore } from './explore.js'
import { drawFlow } from './flow.js'
import { seconds } from './format.js'
import { follow, getJson } from './live.js'
import { replaceContent } from './patch.js'
import { drawSinks } from './sinks.js'
import { drawTargets } from './targets.js'

/** Targets change once a scrape, not once a second. */
const targetsMs = 2_000

const filter = byId('target-filter', HTMLInputElement)
let targets: readonly TargetStatus[] | undefined
/** How far the process' clock is ahead of this machine's. */
let skewMs = 0

function show(snapshot: Snapshot): void {
  skewMs = snapshot.atMs - Date.now()
  byId('version').replaceChildren(`${snapshot.version}, up for `, time(snapshot.startedMs, seconds(snapshot.atMs - snapshot.startedMs)))
  replaceContent(byId('flow'), ...drawFlow(snapshot))
  replaceContent(byId('accounts'), ...drawAccounts(snapshot))
  replaceContent(byId('sinks'), ...drawSinks(snapshot))
}

/** Only the state is read out by a screen reader, and only when it changes; not the seconds. */
function tell(silentMs: number, lost: boolean): void {
  const state = lost ? 'no answer' : 'live'
  if (byId('live-state').textContent !== state) byId('live-state').textContent = state
  byId('live-age').textContent = lost ? `: last update ${seconds(silentMs)} ago` : ''
  byId('live').className = lost ? 'lost' : ''
}

async function refreshTargets(): Promise<void> {
  try {
    targets = await getJson<TargetStatus[]>('/api/targets')
    showTargets()
  } catch {
    // The header says that the process is gone.
  }
}

function showTargets(): void {
  if (targets !== undefined) replaceContent(byId('targets'), ...drawTargets(targets, filter.value, Date.now() + skewMs))
}

follow({ show, tell })
void refreshTargets()
setInterval(() => void refreshTargets(), targetsMs)
filter.addEventListener('input', showTargets)
startExplore()
