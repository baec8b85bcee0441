import type { TargetStatus } from '@promline/core'
import type { ClustersSnapshot } from '../api/clusters.js'
import type { Snapshot } from '../api/snapshot.js'
import { drawAccounts } from './accounts.js'
import { drawClusters } from './clusters.js'
import { byId, time } from './dom.js'
import { startExplore } from './explore.js'
import { drawFlow } from './flow.js'
import { seconds } from './format.js'
import { follow, getJson } from './live.js'
import { replaceContent } from './patch.js'
import { drawSinks } from './sinks.js'
import { drawTargets } from './targets.js'

/** Targets and clusters change once a scrape, not once a second. */
const refreshMs = 2_000

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

async function refreshClusters(): Promise<void> {
  try {
    const snapshot = await getJson<ClustersSnapshot>('/api/clusters')
    byId('clusters-part').hidden = !snapshot.shown
    if (snapshot.shown) replaceContent(byId('clusters'), ...drawClusters(snapshot))
  } catch {
    // The header says that the process is gone.
  }
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
for (const refresh of [refreshTargets, refreshClusters]) {
  void refresh()
  setInterval(() => void refresh(), refreshMs)
}
filter.addEventListener('input', showTargets)
startExplore()
