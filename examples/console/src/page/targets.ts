import type { TargetStatus } from '@promline/core'
import { element, time } from './dom.js'
import { ago, count, duration, plural } from './format.js'
import { type Column, type Row, table } from './table.js'

const columns: readonly Column[] = [
  { title: 'job' },
  { title: 'instance' },
  { title: 'health' },
  { title: 'last scrape' },
  { title: 'took', number: true },
  { title: 'samples', number: true },
  { title: 'error and labels' },
]

const moods = { up: 'good', down: 'bad', unknown: 'quiet' } as const

/** Lines shown before and after the one that could not be read. */
const linesAround = 5

/** Part 3: the targets that contain the filter's words, failing first. */
export function drawTargets(targets: readonly TargetStatus[], filter: string, nowMs: number): Node[] {
  if (targets.length === 0) return [element('p', { class: 'quiet' }, 'No target is configured: add scrape_configs.')]
  const words = filter.toLowerCase().split(/\s+/)
  const shown = targets.filter((target) => words.every((word) => textOf(target).includes(word))).toSorted(byHealthThenName)
  if (shown.length === 0) return [element('p', { class: 'quiet' }, `No target matches ${JSON.stringify(filter)}.`)]
  const rows = shown.map((target) => row(target, nowMs))
  return [table(columns, rows)]
}

function textOf({ jobName, instance, url, health, lastError }: TargetStatus): string {
  return `${jobName} ${instance} ${url} ${health} ${lastError ?? ''}`.toLowerCase()
}

function byHealthThenName(a: TargetStatus, b: TargetStatus): number {
  return (
    Number(b.health === 'down') - Number(a.health === 'down') ||
    a.jobName.localeCompare(b.jobName) ||
    a.instance.localeCompare(b.instance) ||
    a.url.localeCompare(b.url)
  )
}

function row(target: TargetStatus, nowMs: number): Row {
  const { lastScrapeMs, lastDurationMs, lastSamples } = target
  const cells = [
    element('span', { class: 'name' }, target.jobName),
    element('span', { title: target.url }, target.instance),
    element('span', { class: moods[target.health] }, target.health),
    lastScrapeMs === undefined ? element('span', { class: 'quiet' }, 'not yet') : time(lastScrapeMs, ago(lastScrapeMs, nowMs)),
    lastDurationMs === undefined ? '' : duration(lastDurationMs),
    lastSamples === undefined ? '' : count(lastSamples),
    details(target),
  ]
  return { key: keyOf(target), cells }
}

/** Two targets of a job may have one URL and differ in their labels. */
function keyOf({ jobName, url, labels }: TargetStatus): string {
  return `${jobName} ${url} ${JSON.stringify(labels)}`
}

function details(target: TargetStatus): Node {
  const error = target.lastError
  return element(
    'details',
    { 'data-key': `${target.jobName} ${target.url}` },
    element('summary', { class: error === undefined ? 'quiet' : 'bad' }, error ?? 'labels'),
    element('p', { class: 'quiet' }, target.url),
    ...(target.scrapesSkipped > 0
      ? [element('p', {}, `${plural(target.scrapesSkipped, 'scrape')} skipped: the one before still ran`)]
      : []),
    ...(target.lastFailedBody === undefined ? [] : [failedBody(target.lastFailedBody)]),
    element('h3', {}, 'after relabelling'),
    labelList(target.labels),
    element('h3', {}, 'before'),
    labelList(target.discoveredLabels),
  )
}

function labelList(labels: Readonly<Record<string, string>>): Node {
  return element('dl', {}, ...Object.entries(labels).flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]))
}

/** The exposition that could not be read: the broken line, marked, and a few around it. */
function failedBody({ text, line, firstLine = 1 }: NonNullable<TargetStatus['lastFailedBody']>): Node {
  const lines = text.split('\n')
  const at = (line ?? firstLine) - firstLine
  const from = Math.max(0, at - linesAround)
  const shown = lines.slice(from, at + linesAround + 1).map((content, i) => {
    const number = firstLine + from + i
    const numbered = `${String(number).padStart(5)}  ${content}\n`
    return number === line ? element('mark', {}, numbered) : numbered
  })
  // What overflows is scrolled by keyboard as well.
  return element('pre', { tabindex: '0' }, ...shown)
}
