import type { SinkStatus } from '@promline/core'
import type { ArrowRate } from '../api/history.js'
import type { PipelineSnapshot, Snapshot } from '../api/snapshot.js'
import { element } from './dom.js'
import { bytes, perSecond, plural, seconds, shortCount, total } from './format.js'
import { type Loss, lossesOf } from './losses.js'

type Mood = 'good' | 'warn' | 'bad' | 'quiet'

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

function sourceBox({ status, accounts, source }: PipelineSnapshot, snapshot: Snapshot): HTMLElement {
  const { down, up, unknown } = snapshot.targets
  const failing = status.name === 'scrape' && down > 0
  const works = source.problem === undefined ? status.state : 'silent'
  const reason = source.problem === undefined ? [] : [element('span', {}, source.problem)]
  const losses = lossesOf({ ...accounts.intake.dropped, 'refused at the door': accounts.intake.refused })
  return box({
    mood: failing || works === 'silent' ? 'bad' : works === 'running' ? 'good' : 'quiet',
    title: status.name,
    state: failing ? `${down} of ${down + up + unknown} targets fail` : works,
    notes: [source.text, ...reason, ...losses.map(lossLine)],
  })
}

function spoolBox({ status: { spool } }: PipelineSnapshot): HTMLElement {
  const damage = spool.damagedRecords > 0 ? [bad(`${plural(spool.damagedRecords, 'damaged record')} skipped`)] : []
  return box({
    mood: spool.blocked !== undefined ? 'bad' : damage.length > 0 ? 'warn' : 'good',
    title: `spool (${spool.kind})`,
    state: spool.blocked ?? 'open',
    notes: [`${bytes(spool.bytes)} in ${plural(spool.segments, 'segment')}`, ...damage],
  })
}

function sinkBox(sink: SinkStatus, account: PipelineSnapshot['accounts']['sinks'][string] | undefined): HTMLElement {
  const lags = sink.lagSeconds > lagWarnSeconds
  const lag = sink.lagSeconds >= 1 ? `, ${seconds(sink.lagSeconds * 1_000)} behind` : ''
  const losses = account === undefined ? [] : [...lossesOf(account.rejected), ...lossesOf(account.dropped)]
  return box({
    mood: sink.state === 'blocked' ? 'bad' : sink.state === 'retrying' || lags ? 'warn' : 'good',
    title: sink.name,
    state: `${sink.state}${lag}`,
    notes: [...(sink.reason === undefined ? [] : [element('span', {}, sink.reason)]), waiting(sink), ...losses.map(lossLine)],
  })
}

function waiting({ spooled, inFlight, bytes: waitingBytes }: SinkStatus): string {
  const samples = total(spooled) + total(inFlight)
  return samples === 0 ? 'nothing waits' : `${plural(samples, 'sample')} wait, ${bytes(waitingBytes)}`
}

interface BoxText {
  readonly mood: Mood
  readonly title: string
  readonly state: string
  readonly notes: readonly (HTMLElement | string)[]
}

function box({ mood, title, state, notes }: BoxText): HTMLElement {
  return element(
    'div',
    { class: `box ${mood}` },
    element('span', { class: 'name' }, title),
    element('span', { class: mood }, state),
    ...notes.map((note) => (typeof note === 'string' ? element('span', { class: 'quiet' }, note) : note)),
  )
}

function bad(text: string): HTMLElement {
  return element('span', { class: 'bad' }, text)
}

function lossLine({ reason, samples, intended }: Loss): HTMLElement | string {
  return intended ? `${shortCount(samples)} left out: ${reason}` : bad(`${shortCount(samples)} lost: ${reason}`)
}

/** What an arrow carries, and ten minutes of it as a line upon its shaft. */
function arrow(rate: ArrowRate = { perSecond: 0, history: [] }): HTMLElement {
  const top = Math.max(0, ...rate.history)
  const title = `over the last 10 s; the line shows 10 minutes, ${top === 0 ? 'without a sample' : `at most ${perSecond(top)}`}`
  return element('div', { class: 'arrow', title }, sparkline(rate.history, top), element('span', {}, perSecond(rate.perSecond)))
}

/** Its scale is its own largest value; a point a step, the newest at the right end. */
function sparkline(history: readonly number[], top: number): Node {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 120 20')
  svg.setAttribute('preserveAspectRatio', 'none')
  svg.setAttribute('aria-hidden', 'true')
  if (top === 0) return svg
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline')
  const from = 121 - history.length
  line.setAttribute('points', history.map((value, i) => `${from + i},${(19 - (value / top) * 18).toFixed(1)}`).join(' '))
  svg.append(line)
  return svg
}
