import type { SinkStatus } from '@promline/core'
import type { ArrowRate } from '../api/history.js'
import type { PipelineSnapshot, Snapshot } from '../api/snapshot.js'
import { element } from './dom.js'
import { bytes, count, duration, perSecond, shortCount } from './format.js'
import { isIntended } from './losses.js'

type Mood = 'good' | 'warn' | 'bad' | ''

/** A sink that lags more than this is amber: three scrapes of the default interval of ten seconds. */
const lagWarnSeconds = 30

/** Part 1: sources -> spool -> sinks, a line of boxes for each pipeline. */
export function drawFlow(snapshot: Snapshot): Node[] {
  if (snapshot.pipelines.length === 0) return [element('p', { class: 'quiet' }, 'No pipeline is configured.')]
  return snapshot.pipelines.map((pipeline) => drawPipeline(pipeline, snapshot))
}

function drawPipeline(pipeline: PipelineSnapshot, snapshot: Snapshot): Node {
  const { status, accounts } = pipeline
  const sinks = status.sinks.map((sink) => element('div', {}, arrow(pipeline.sinks[sink.name]), sinkBox(sink, accounts.sinks[sink.name])))
  return element(
    'div',
    { class: 'pipeline' },
    sourceBox(pipeline, snapshot),
    arrow(pipeline.intake),
    spoolBox(pipeline),
    element(
      'div',
      { class: 'outputs' },
      ...(sinks.length > 0 ? sinks : [element('p', { class: 'quiet' }, 'No sink: the page alone looks on.')]),
    ),
  )
}

function sourceBox(pipeline: PipelineSnapshot, snapshot: Snapshot): HTMLElement {
  const { down, up } = snapshot.targets
  const scrapes = pipeline.status.name === 'scrape'
  const mood: Mood = pipeline.status.state !== 'running' ? '' : scrapes && down > 0 ? 'bad' : scrapes && up === 0 ? '' : 'good'
  const words = scrapes && down > 0 ? `${down} of ${down + up} targets fail` : pipeline.status.state
  const losses = lossLines(pipeline.accounts.intake.dropped, pipeline.accounts.intake.refused)
  return box(mood, pipeline.status.name, words, pipeline.source, ...losses)
}

function spoolBox({ status }: PipelineSnapshot): HTMLElement {
  const { spool } = status
  const damage =
    spool.damagedRecords > 0 ? [element('span', { class: 'bad reason' }, `${count(spool.damagedRecords)} damaged records skipped`)] : []
  const mood: Mood = spool.blocked !== undefined ? 'bad' : damage.length > 0 ? 'warn' : 'good'
  return box(
    mood,
    `spool (${spool.kind})`,
    spool.blocked ?? 'taking',
    `${bytes(spool.bytes)} in ${count(spool.segments)} segments`,
    ...damage,
  )
}

function sinkBox(sink: SinkStatus, account: PipelineSnapshot['accounts']['sinks'][string] | undefined): HTMLElement {
  const lags = sink.lagSeconds > lagWarnSeconds
  const mood: Mood = sink.state === 'blocked' ? 'bad' : sink.state === 'retrying' || lags ? 'warn' : 'good'
  const lag = sink.lagSeconds >= 1 ? `, ${duration(sink.lagSeconds * 1_000)} behind` : ''
  const losses = account === undefined ? [] : [...lossLines(account.rejected), ...lossLines(account.dropped)]
  const reason = sink.reason === undefined ? [] : [element('span', { class: 'reason' }, sink.reason)]
  return box(mood, sink.name, `${sink.state}${lag}`, `${bytes(sink.bytes)} waiting`, ...reason, ...losses)
}

function box(mood: Mood, title: string, state: string, note: string, ...more: Node[]): HTMLElement {
  return element(
    'div',
    { class: `box ${mood}` },
    element('span', { class: 'name' }, title),
    element('span', { class: `state ${mood}` }, state),
    element('span', { class: 'quiet' }, note),
    ...more,
  )
}

type Losses = Readonly<Record<string, { readonly samples: number; readonly histograms: number; readonly exemplars: number }>>

/** What should be zero is shown only when it is not. */
function lossLines(losses: Losses, refused?: Losses[string]): HTMLElement[] {
  const entries = Object.entries(losses)
  if (refused !== undefined) entries.push(['refused at the door', refused])
  return entries
    .map(([reason, counts]): [string, number] => [reason, counts.samples + counts.histograms + counts.exemplars])
    .filter(([, total]) => total > 0)
    .map(([reason, total]) =>
      isIntended(reason)
        ? element('span', { class: 'quiet reason' }, `${shortCount(total)} left out: ${reason}`)
        : element('span', { class: 'bad reason' }, `${shortCount(total)} lost: ${reason}`),
    )
}

function arrow(rate: ArrowRate | undefined): HTMLElement {
  const shown = rate ?? { perSecond: 0, history: [] }
  return element('div', { class: 'arrow' }, `→ ${perSecond(shown.perSecond)}`, sparkline(shown.history))
}

/** Ten minutes as a line; its scale is its own largest value. */
function sparkline(history: readonly number[]): Node {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 120 20')
  svg.setAttribute('preserveAspectRatio', 'none')
  svg.setAttribute('aria-hidden', 'true')
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline')
  const top = Math.max(...history, 1e-9)
  const from = 120 - history.length
  line.setAttribute('points', history.map((value, i) => `${from + i},${(19 - (value / top) * 18).toFixed(1)}`).join(' '))
  svg.append(line)
  return svg
}
