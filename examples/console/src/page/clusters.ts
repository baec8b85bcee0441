import type { ClustersSnapshot, ClusterView } from '../api/clusters.js'
import type { Refusals } from '../clusters/client-answers.js'
import { element, time } from './dom.js'
import { ago, count, digits, perSecond, plural, seconds } from './format.js'
import { type Column, type Row, table } from './table.js'

/** Rows, at most: more is not looked at, and silent ones come first. */
const maxRows = 50

/** Clusters side by side; nothing where there are none yet. */
export function drawClusters(snapshot: ClustersSnapshot): Node[] {
  const { clusters, strangers } = snapshot
  if (clusters.length === 0) {
    const text = `No sample has come since the start: what comes is told apart by its label ${JSON.stringify(snapshot.label)}.`
    return [element('p', { class: 'quiet' }, text), ...Object.entries(strangers).map(strangerLine)]
  }
  const shown = clusters.slice(0, maxRows)
  const more = clusters.length - shown.length
  return [
    drawStates(shown, snapshot),
    ...(more > 0 ? [element('p', { class: 'quiet' }, `${plural(more, 'more cluster')} not shown.`)] : []),
    ...Object.entries(strangers).map(strangerLine),
    ...(snapshot.compare.length > 0 ? [drawComparison(shown, snapshot)] : []),
    ...(snapshot.isCut ? [element('p', { class: 'bad' }, '✗ There are more series than are added up: choose figures of fewer.')] : []),
  ]
}

/** A row for each cluster. */
function drawStates(clusters: readonly ClusterView[], { atMs }: ClustersSnapshot): Node {
  const hasRefusals = clusters.some(({ refused }) => Object.keys(refused).length > 0)
  const hasClients = clusters.some(({ clients }) => clients.length > 0)
  const columns: readonly Column[] = [
    { title: 'cluster' },
    { title: 'state' },
    { title: 'rate', number: true },
    { title: 'series', number: true },
    { title: 'lag', number: true },
    ...(hasClients ? [{ title: 'client' }] : []),
    ...(hasRefusals ? [{ title: 'refused requests' }] : []),
  ]
  const rows = clusters.map((one): Row => {
    const cells = [
      name(one, clusters),
      state(one, atMs),
      perSecond(one.samplesPerSecond),
      count(one.series),
      lag(one, atMs),
      ...(hasClients ? [one.clients.join(', ')] : []),
      ...(hasRefusals ? [refusals(one.refused)] : []),
    ]
    return { key: keyOf(one), cells }
  })
  return table(columns, rows)
}

function name(one: ClusterView, clusters: readonly ClusterView[]): HTMLElement {
  const { cluster } = one
  const pipeline = pipelineOf(one, clusters)
  const shown = cluster === '' ? element('span', { class: 'quiet' }, 'without the label') : element('span', { class: 'name' }, cluster)
  return pipeline === '' ? shown : element('span', {}, shown, element('span', { class: 'quiet' }, pipeline))
}

/** ` in receive`, where more than one pipeline sees the cluster. */
function pipelineOf({ cluster, pipeline }: ClusterView, clusters: readonly ClusterView[]): string {
  return clusters.filter((other) => other.cluster === cluster).length > 1 ? ` in ${pipeline}` : ''
}

function keyOf({ pipeline, cluster }: ClusterView): string {
  return `${cluster} ${pipeline}`
}

function state({ silent, lastSeenMs, silentAfterMs }: ClusterView, nowMs: number): Node {
  const seen = time(lastSeenMs, ago(lastSeenMs, nowMs))
  if (!silent) return element('span', {}, element('span', { class: 'good' }, 'live'), ', last seen ', seen)
  return element('span', { class: 'bad', title: `nothing for more than ${seconds(silentAfterMs)}` }, '✗ silent since ', seen)
}

/** How old the newest sample is: of a cluster that catches up after a cut, more than when it was seen last. */
function lag({ newestMs, lastSeenMs, silentAfterMs, silent }: ClusterView, nowMs: number): Node {
  const lagMs = Math.max(0, nowMs - newestMs)
  const isBehind = !silent && lastSeenMs - newestMs > silentAfterMs
  return element('span', { class: isBehind ? 'warn' : undefined }, time(newestMs, seconds(lagMs)), isBehind ? ' behind, catching up' : '')
}

function refusals(refused: Refusals): Node {
  const codes = Object.keys(refused)
  if (codes.length === 0) return element('span', { class: 'quiet' }, '0')
  return element('span', { class: 'bad' }, refusalText(refused))
}

/** `12 (401), 3 (503)` */
function refusalText(refused: Refusals): string {
  return Object.entries(refused)
    .map(([code, requests]) => `${count(requests)} (${code})`)
    .join(', ')
}

function strangerLine([client, refused]: [client: string, refused: Refusals]): Node {
  const whose = client === 'unknown' ? 'without good credentials' : `of client ${client}, which has written for none of these`
  return element('p', { class: 'bad' }, `✗ Refused requests ${whose}: ${refusalText(refused)}`)
}

/** A row for each figure, a column for each cluster, each cell with a bar: its part of the largest in its row. */
function drawComparison(clusters: readonly ClusterView[], { compare }: ClustersSnapshot): Node {
  // By name, whatever their state: a column must not move while it is read.
  const known = clusters.filter(({ cluster }) => cluster !== '').sort((a, b) => keyOf(a).localeCompare(keyOf(b)))
  const columns: readonly Column[] = [
    { title: 'summed by cluster' },
    ...known.map((one) => ({ title: `${one.cluster}${pipelineOf(one, known)}` })),
  ]
  const rows = compare.map(({ text, match, isRate }, i): Row => {
    const figures = known.map((one) => one.figures[i] ?? null)
    const top = Math.max(...figures.map((figure) => figure ?? 0))
    const link = element('a', { href: `#${new URLSearchParams({ match, mode: isRate ? 'rate' : 'auto' })}`, class: 'name' }, text)
    return { key: text, cells: [link, ...figures.map((figure) => figureCell(figure, { top, unit: isRate ? '/s' : '' }))] }
  })
  return table(columns, rows)
}

function figureCell(figure: number | null, { top, unit }: { readonly top: number; readonly unit: string }): Node {
  if (figure === null) return element('span', { class: 'quiet' }, 'no value')
  return element('div', { class: 'figure', title: `${figure}${unit}` }, element('span', {}, `${digits(figure)}${unit}`), bar(figure / top))
}

/** As an attribute of a drawing: the page's policy allows no style in the text. */
function bar(part: number): Node {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 100 4')
  svg.setAttribute('preserveAspectRatio', 'none')
  svg.setAttribute('aria-hidden', 'true')
  const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  rect.setAttribute('width', part > 0 ? (part * 100).toFixed(1) : '0')
  rect.setAttribute('height', '4')
  svg.append(rect)
  return svg
}
