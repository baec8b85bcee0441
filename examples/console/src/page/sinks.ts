import type { SinkStatus } from '@promline/core'
import type { Snapshot } from '../api/snapshot.js'
import { element, table } from './dom.js'
import { ago, bytes, clockTime, count, duration } from './format.js'

const columns = [
  { title: 'sink' },
  { title: 'state' },
  { title: 'behind', number: true },
  { title: 'samples waiting', number: true },
  { title: 'bytes of cap', number: true },
  { title: 'retries', number: true },
  { title: 'dead letters', number: true },
  { title: 'last answer' },
]

const moods = { idle: 'good', active: 'good', retrying: 'warn', blocked: 'bad' } as const

/** Part 4: sinks, those that need a person first. */
export function drawSinks(snapshot: Snapshot): Node[] {
  const sinks = snapshot.pipelines.flatMap(({ status }) => status.sinks.map((sink): [string, SinkStatus] => [status.name, sink]))
  if (sinks.length === 0) return [element('p', { class: 'quiet' }, 'No sink is configured: add remote_write, kafka_write or influx_write.')]
  const order = ['blocked', 'retrying', 'active', 'idle']
  sinks.sort(([, a], [, b]) => order.indexOf(a.state) - order.indexOf(b.state))
  return [
    table(
      columns,
      sinks.map(([pipeline, sink]) => row(pipeline, sink, snapshot.atMs)),
    ),
  ]
}

function row(pipeline: string, sink: SinkStatus, nowMs: number): (Node | string)[] {
  const waiting = sink.spooled.samples + sink.spooled.histograms + sink.inFlight.samples + sink.inFlight.histograms
  return [
    element('span', { class: 'name' }, `${pipeline} / ${sink.name}`),
    state(sink, nowMs),
    duration(sink.lagSeconds * 1_000),
    count(waiting),
    `${bytes(sink.bytes)} of ${bytes(sink.maxBytes)}`,
    count(sink.retries),
    element('span', { class: sink.deadLetters > 0 ? 'bad' : 'quiet' }, count(sink.deadLetters)),
    answer(sink, nowMs),
  ]
}

function state(sink: SinkStatus, nowMs: number): Node {
  const next = sink.nextAttemptMs === undefined ? '' : `, next attempt in ${duration(Math.max(0, sink.nextAttemptMs - nowMs))}`
  const parts: Node[] = [
    element(
      'span',
      { class: moods[sink.state], title: `since ${clockTime(sink.sinceMs)}` },
      `${sink.state} since ${ago(sink.sinceMs, nowMs)}${next}`,
    ),
  ]
  if (sink.reason !== undefined) parts.push(element('div', { class: 'words' }, sink.reason))
  return element('div', {}, ...parts)
}

function answer(sink: SinkStatus, nowMs: number): Node | string {
  if (sink.lastAnswer === undefined) return element('span', { class: 'quiet' }, 'none yet')
  const { status, message, atMs } = sink.lastAnswer
  return element('span', { title: clockTime(atMs) }, `${status} ${ago(atMs, nowMs)}${message === '' ? '' : `: ${message}`}`)
}
