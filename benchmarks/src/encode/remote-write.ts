import type { Batch } from '@promline/core'
import { createRemoteWriteSink, encodeWriteRequest, snappyCodec, writeRequestOf } from '@promline/remote-write'
import { pushTimeseries } from 'prometheus-remote-write'
import { compress } from 'snappyjs'
import { seriesKey } from '../corpus/read-page.js'
import type { Subject, Task } from '../harness/comparison.js'
import { writeRequestType, writtenSamples } from '../write-message.js'
import { assertSameRows, batchOfTurn, createEncodeInput, type EncodeInput, type Row, type Turn } from './input.js'

type Encode = (turn: Turn) => Uint8Array | Promise<Uint8Array>

/** Batches or samples to a compressed request of remote write 1.0. */
export function remoteWriteSubjects(corpus: Parameters<typeof createEncodeInput>[0]): readonly [Subject, ...Subject[]] {
  const subject = (name: string, create: (input: EncodeInput) => Encode): Subject => ({
    name,
    create: async () => {
      const input = await createEncodeInput(corpus)
      return requestTask(input, create(input))
    },
  })
  return [
    subject('prometheus-remote-write', npmPackage),
    subject('protobufjs', reflection),
    subject('general', () => (turn) => general(batchOfTurn(turn))),
    subject('sink', sink),
  ]
}

/** The task, and the check that requests hold the samples of their turn, at its time. */
async function requestTask(input: EncodeInput, encode: Encode): Promise<Task> {
  const first = await encode(input.next())
  return {
    samples: input.samples,
    bytes: first.length,
    run() {
      const body = encode(input.next())
      return body instanceof Promise ? body.then(() => {}) : undefined
    },
    async check() {
      for (let i = 0; i < input.versions.length; i++) {
        const turn = input.next()
        const samples = [...writtenSamples(await encode(turn))]
        const late = samples.find(({ timestampMs }) => timestampMs !== turn.timestampMs)
        if (late !== undefined) throw new Error(`the timestamp is ${late.timestampMs}, not ${turn.timestampMs}`)
        assertSameRows(
          turn.version.rows,
          samples.map(({ labels, value }) => [keyOf(labels), value]),
        )
      }
      return `${(first.length / input.samples).toFixed(1)} B/sample`
    },
  }
}

function keyOf(labels: readonly (readonly [string, string])[]): string {
  const name = labels.find(([key]) => key === '__name__')?.[1] ?? ''
  return seriesKey(
    name,
    labels.filter(([key]) => key !== '__name__'),
  )
}

/** The path that takes everything, by promline's public functions. */
function general(batch: Batch): Uint8Array {
  return snappyCodec.compress(encodeWriteRequest({ series: writeRequestOf([batch]).series, metadata: [] }).bytes)
}

/** What the sink does with a batch, whichever path it takes. */
function sink(): Encode {
  const created = createRemoteWriteSink({ url: 'http://127.0.0.1/write', metadata: { send: false } })
  return (turn) => created.encode([batchOfTurn(turn)])[0]!.body
}

/** The npm package, on the objects that it takes, its request caught where it would be sent. */
function npmPackage(input: EncodeInput): Encode {
  const series = seriesOnce(input, ({ name, labels }) => ({ __name__: name, ...Object.fromEntries(labels) }))
  return async (turn) => {
    let sent: ArrayBufferLike = new ArrayBuffer(0)
    await pushTimeseries(series(turn), {
      url: 'http://127.0.0.1/write',
      fetch: async (_url, request) => {
        sent = request?.body ?? sent
        return { status: 204, statusText: '', text: async () => '' }
      },
    })
    // The types of the package say ArrayBuffer; what it gives is a Uint8Array.
    return sent instanceof Uint8Array ? sent : new Uint8Array(sent)
  }
}

/** protobufjs by reflection, the fastest way that it has, on messages whose labels are made once. */
function reflection(input: EncodeInput): Encode {
  const series = seriesOnce(input, ({ name, labels }) => [['__name__', name], ...labels].map(([key, value]) => ({ name: key, value })))
  return (turn) => compress(writeRequestType.encode({ timeseries: series(turn) }).finish())
}

/** A series as a peer takes it. */
interface PeerSeries<L> {
  readonly labels: L
  readonly samples: { value: number; timestamp: number }[]
}

/** Series as a peer takes them: made once, but for what changes between two scrapes. */
function seriesOnce<L>(input: EncodeInput, labelsOf: (row: Row) => L): (turn: Turn) => PeerSeries<L>[] {
  const made = new Map(
    input.versions.map((version) => [
      version,
      version.rows.map((row) => ({ labels: labelsOf(row), samples: [{ value: row.value, timestamp: 0 }] })),
    ]),
  )
  return ({ version, timestampMs }) => {
    const series = made.get(version) ?? []
    for (const { samples } of series) samples[0]!.timestamp = timestampMs
    return series
  }
}
