import type { SinkStatus } from '@promline/core'
import type { Snapshot } from '../api/snapshot.js'
import { element, time } from './dom.js'
import { ago, bytes, count, seconds, total } from './format.js'
import { type Column, type Row, table } from './table.js'

const columns: readonly Column[] = [
  { title: 'sink' },
  { title: 'state' },
  { title: 'behind', number: true },
  { title: 'samples waiting', number: true },
  { title: 'bytes of cap', number: true },
  { title: 'retries', number: true },
  { title: 'dead letters', number: true },
  { title: 'last answer' },
]

const moods = { healthy: 'good', retrying: 'warn', blocked: 'bad' } as const
/** Those that need a person first. */
const order: readonly SinkStatus['state'][] = ['blocked', 'retrying', 'healthy']

/** Part 4: sinks. */
export function drawSinks(snapshot: Snapshot): Node[] {
  const sinks = snapshot.pipelines.flatMap(({ status }) => status.sinks.map((sink) => ({ name: `${status.name} / ${sink.name}`, sink })))
  if (sinks.length === 0) return [element('p', { class: 'quiet' }, 'No sink is configured: add remote_write, kafka_write or influx_write.')]
  const rank = ({ state }: SinkStatus): number => order.indexOf(state)
  sinks.sort((a, b) => rank(a.sink) - rank(b.sink))
  const rows = sinks.map(({ name, sink }) => row(name, sink, snapshot.atMs))
  return [table(columns, rows)]
}

function row(name: string, sink: SinkStatus, nowMs: number): Row {
  const cells = [
    element('span', { class: 'name' }, name),
    state(sink, nowMs),
    seconds(sink.lagSeconds * 1_000),
    count(total(sink.spooled) + total(sink.inFlight)),
    sink.maxBytes === 0 ? bytes(sink.bytes) : `${bytes(sink.bytes)} of ${bytes(sink.maxBytes)}`,
    count(sink.retries),
    element('span', { class: sink.deadLetters > 0 ? 'bad' : 'quiet' }, count(sink.deadLetters)),
    answer(sink, nowMs),
  ]
  return { key: name, cells }
}

function state(sink: SinkStatus, nowMs: number): Node {
  const since = element('span', { class: moods[sink.state] }, `${sink.state} since `, time(sink.sinceMs, ago(sink.sinceMs, nowMs)))
  const next =
    sink.nextAttemptMs === undefined
      ? []
      : [
          ', next attempt ',
          time(sink.nextAttemptMs, sink.nextAttemptMs <= nowMs ? 'now' : `in ${seconds(sink.nextAttemptMs - nowMs + 999)}`),
        ]
  const reason = sink.reason === undefined ? [] : [element('div', {}, sink.reason)]
  return element('div', {}, since, ...next, ...reason)
}

function answer({ lastAnswer, reason }: SinkStatus, nowMs: number): Node {
  if (lastAnswer === undefined) return element('span', { class: 'quiet' }, 'none yet')
  const { status, message, atMs } = lastAnswer
  // Beside the state, which says it already, the same words are noise.
  return element('div', {}, `${status} `, time(atMs, ago(atMs, nowMs)), message === '' || message === reason ? '' : `: ${message}`)
}
