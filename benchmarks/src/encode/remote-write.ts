import { type Batch, PackedSeriesList, packedOf, type SeriesList, systemClock } from '@promline/core'
import { createRequestEncoder, snappyCodec } from '@promline/remote-write'
import { pushTimeseries } from 'prometheus-remote-write'
import { compress, uncompress } from 'snappyjs'
import type { CorpusName } from '../corpus/corpus.js'
import { seriesKey } from '../corpus/read-page.js'
import type { Subject, Task } from '../harness/comparison.js'
import { WriteReader, writeRequestType } from '../write-message.js'
import { assertSameRows, batchOfTurn, createEncodeInput, type EncodeInput, type Row, type Turn } from './input.js'

type Encode = (turn: Turn) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>

/**
 * The fastest size for the npm package: its protobufjs slows down with the length of a message, by a half at 10,000 samples. Promline's
 * requests hold all.
 */
const peerSamplesPerRequest = 2000
/** The sink's default. */
const maxTemplateBytes = 64 * 1024 * 1024

/** Batches or samples to compressed requests of remote write 1.0. */
export function remoteWriteSubjects(corpus: CorpusName): readonly [Subject, ...Subject[]] {
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
    subject('general', () => general({ webAssembly: true })),
    subject('general-js', () => general({ webAssembly: false })),
    subject('kept', kept),
    subject('patched', patched),
  ]
}

/** The task, and the check that requests hold the samples of their turn, at its time. */
async function requestTask(input: EncodeInput, encode: Encode): Promise<Task> {
  const sizeOf = (bodies: readonly Uint8Array[]): number => bodies.reduce((sum, body) => sum + body.length, 0)
  // What is kept of a list is made at its second sight.
  for (let i = 0; i < 2 * input.versions.length; i++) await encode(input.next())
  return {
    samples: input.samples,
    bytes: sizeOf(await encode(input.next())),
    run() {
      const bodies = encode(input.next())
      return bodies instanceof Promise ? bodies.then(() => {}) : undefined
    },
    async check() {
      for (let i = 0; i < input.versions.length; i++) {
        const turn = input.next()
        assertTurn(await encode(turn), turn)
      }
      const bodies = await encode(input.next())
      const peers = bodies.map((body) => compress(uncompress(body)))
      return { figures: { 'B/sample': sizeOf(bodies) / input.samples, 'bytes / snappyjs': sizeOf(bodies) / sizeOf(peers) } }
    },
  }
}

/** Throws unless the requests hold the samples of a turn, at its times. */
function assertTurn(bodies: readonly Uint8Array[], { version, timestampMs }: Turn): void {
  const reader = new WriteReader()
  const samples = bodies.flatMap((body) => [...reader.samples(body)])
  const late = samples.find((sample) => sample.timestampMs !== timestampMs)
  if (late !== undefined) throw new Error(`the timestamp is ${late.timestampMs}, not ${timestampMs}`)
  assertSameRows(
    version.rows,
    samples.map(({ labels, value }) => [keyOf(labels), value]),
  )
}

function keyOf(labels: readonly (readonly [string, string])[]): string {
  const name = labels.find(([key]) => key === '__name__')?.[1] ?? ''
  return seriesKey(
    name,
    labels.filter(([key]) => key !== '__name__'),
  )
}

/** The sink on lists that it has never seen: every byte of every label is written and compressed. */
function general(options: { readonly webAssembly: boolean }): Encode {
  const encode = sink(options)
  const packed = new Map<SeriesList, PackedSeriesList>()
  const unseen = (list: SeriesList): SeriesList => {
    const known = packed.get(list) ?? packedOf(list)
    packed.set(list, known)
    return new PackedSeriesList(known)
  }
  return (turn) => {
    const batch = batchOfTurn(turn)
    return encode({ ...batch, columns: batch.columns.map((one) => ({ ...one, series: unseen(one.series) })) })
  }
}

/** The sink on lists that it knows, whose rows have times of their own: labels are kept, and the compressor runs. */
function kept(): Encode {
  const encode = sink()
  return (turn) => {
    const batch = batchOfTurn(turn)
    const columns = batch.columns.map((one) => ({ ...one, timestampMs: new Float64Array(one.series.length).fill(turn.timestampMs) }))
    return encode({ ...batch, columns })
  }
}

/** The sink on lists that it knows, as it is warm: nothing but values and times is written. */
function patched(): Encode {
  const encode = sink()
  return (turn) => encode(batchOfTurn(turn))
}

/** What the sink does with a batch, whichever path it takes. A body goes back when the next one is asked for, as when its request was answered. */
function sink({ webAssembly } = { webAssembly: true }): (batch: Batch) => readonly Uint8Array[] {
  const schedule = { isQuiet: () => true, choose: () => [] }
  const encoder = createRequestEncoder({
    templates: true,
    maxTemplateBytes,
    webAssembly,
    snappy: snappyCodec,
    clock: systemClock,
    schedule,
  })
  let answered: Uint8Array = new Uint8Array(0)
  return (batch) => {
    encoder.giveBack(answered)
    const { body } = encoder.encode([batch]).request
    answered = body
    return [body]
  }
}

/** The npm package, on the objects that it takes, its requests caught where they would be sent. */
function npmPackage(input: EncodeInput): Encode {
  const series = seriesOnce(input, ({ name, labels }) => ({ __name__: name, ...Object.fromEntries(labels) }))
  return async (turn) => {
    const all = series(turn)
    const sent: Uint8Array[] = []
    for (let i = 0; i < all.length; i += peerSamplesPerRequest) {
      await pushTimeseries(all.slice(i, i + peerSamplesPerRequest), {
        url: 'http://127.0.0.1/write',
        fetch: async (_url, request) => {
          // The types of the package say ArrayBuffer; what it gives is a Uint8Array.
          const body: unknown = request?.body
          if (body instanceof Uint8Array) sent.push(body)
          return { status: 204, statusText: '', text: async () => '' }
        },
      })
    }
    return sent
  }
}

/** protobufjs by reflection, the fastest way that it has, on messages whose labels are made once. */
function reflection(input: EncodeInput): Encode {
  const series = seriesOnce(input, ({ name, labels }) => [['__name__', name], ...labels].map(([key, value]) => ({ name: key, value })))
  return (turn) => [compress(writeRequestType.encode({ timeseries: series(turn) }).finish())]
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
