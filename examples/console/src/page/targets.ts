import type { TargetStatus } from '@promline/core'
import { element, table } from './dom.js'
import { ago, clockTime, count, duration } from './format.js'

const columns = [
  { title: 'job' },
  { title: 'instance' },
  { title: 'health' },
  { title: 'last scrape' },
  { title: 'took', number: true },
  { title: 'samples', number: true },
  { title: 'error and labels' },
]

const moods = { up: 'good', down: 'bad', unknown: 'quiet' } as const

/** Part 3: targets, failing first. `open` holds the rows whose details are open, by URL and job. */
export function drawTargets(targets: readonly TargetStatus[], filter: string, open: ReadonlySet<string>): Node[] {
  if (targets.length === 0) return [element('p', { class: 'quiet' }, 'No target is configured: add scrape_configs.')]
  const words = filter.toLowerCase()
  const shown = targets
    .filter((target) =>
      `${target.jobName} ${target.instance} ${target.url} ${target.health} ${target.lastError ?? ''}`.toLowerCase().includes(words),
    )
    .toSorted(
      (a, b) =>
        Number(b.health === 'down') - Number(a.health === 'down') ||
        a.jobName.localeCompare(b.jobName) ||
        a.instance.localeCompare(b.instance),
    )
  if (shown.length === 0) return [element('p', { class: 'quiet' }, `No target matches ${JSON.stringify(filter)}.`)]
  return [
    table(
      columns,
      shown.map((target) => row(target, open)),
    ),
  ]
}

/** Names a target's row across refreshes. */
export function rowKey(target: Pick<TargetStatus, 'jobName' | 'url'>): string {
  return `${target.jobName} ${target.url}`
}

function row(target: TargetStatus, open: ReadonlySet<string>): (Node | string)[] {
  const last = target.lastScrapeMs
  return [
    element('span', { class: 'name' }, target.jobName),
    element('span', { title: target.url }, target.instance),
    element('span', { class: moods[target.health] }, target.health),
    last === undefined
      ? element('span', { class: 'quiet' }, 'not yet')
      : element('time', { title: clockTime(last) }, ago(last, Date.now())),
    target.lastDurationMs === undefined ? '' : duration(target.lastDurationMs),
    target.lastSamples === undefined ? '' : count(target.lastSamples),
    details(target, open),
  ]
}

function details(target: TargetStatus, open: ReadonlySet<string>): Node {
  const key = rowKey(target)
  const error = target.lastError
  const summary = element('summary', { class: error === undefined ? 'quiet' : 'bad' }, error ?? 'labels')
  const parts: Node[] = [
    summary,
    element('h3', { class: 'quiet' }, 'after relabelling'),
    labelList(target.labels),
    element('h3', { class: 'quiet' }, 'before'),
    labelList(target.discoveredLabels),
  ]
  if (target.scrapesSkipped > 0) parts.push(element('p', {}, `${count(target.scrapesSkipped)} scrapes skipped: the one before still ran`))
  if (target.lastFailedBody !== undefined) parts.push(failedBody(target.lastFailedBody))
  return element('details', { 'data-key': key, open: open.has(key) ? '' : false }, ...parts)
}

function labelList(labels: Readonly<Record<string, string>>): Node {
  return element('dl', {}, ...Object.entries(labels).flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]))
}

/** The exposition that could not be read, with the broken line marked and a few lines around it. */
function failedBody(body: NonNullable<TargetStatus['lastFailedBody']>): Node {
  const lines = body.text.split('\n')
  const at = body.line ?? 0
  const from = Math.max(0, at - 6)
  const shown = lines.slice(from, from + 12).map((line, i) => {
    const number = from + i + 1
    const text = `${String(number).padStart(5)}  ${line}\n`
    return number === at ? element('mark', {}, text) : text
  })
  return element('pre', {}, ...shown)
}
