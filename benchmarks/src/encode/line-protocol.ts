import { Point } from '@influxdata/influxdb-client'
import type { LineWriter } from '@promline/influx-sink'
import { createInfluxSink } from '@promline/influx-sink'
import type { CorpusName } from '../corpus/corpus.js'
import type { Checked, Subject } from '../harness/comparison.js'
import { batchOfTurn, createEncodeInput, type EncodeInput, type Turn } from './input.js'

/** Samples to InfluxDB line protocol in UTF-8. */
export function lineProtocolSubjects(corpus: CorpusName): readonly [Subject, ...Subject[]] {
  const subject = (name: string, encode: (turn: Turn) => Uint8Array): Subject => ({
    name,
    create: async () => {
      const input = await createEncodeInput(corpus)
      return {
        samples: input.samples,
        bytes: encode(input.next()).length,
        run: () => void encode(input.next()),
        check: async () => assertSameLines(encode, input),
      }
    },
  })
  return [subject('Point API', pointApi), subject('sink', sink)]
}

function pointApi({ version, timestampMs }: Turn): Uint8Array {
  const lines = version.rows.map(({ name, labels, value }) => {
    const point = new Point(name).floatField('value', value).timestamp(`${timestampMs}000000`)
    for (const [key, text] of labels) point.tag(key, text)
    return point.toLineProtocol()
  })
  return Buffer.from(`${lines.join('\n')}\n`)
}

const nowhere: LineWriter = {
  write: () => Promise.reject(new Error('nothing is written')),
}
const influxSink = createInfluxSink({ writer: nowhere, maxBodyBytes: 1_000_000_000 })

function sink(turn: Turn): Uint8Array {
  return influxSink.encode([batchOfTurn(turn)])[0]!.body.lines
}

/** A value has several texts (`5.51e-7`, `0.000000551`); all of them are read as the same number. */
function withPlainValue(line: string): string {
  return line.replace(/ value=(\S+) /, (_, value: string) => ` value=${Number(value)} `)
}

/** Both must write the same lines; the peer is the measure. */
function assertSameLines(encode: (turn: Turn) => Uint8Array, input: EncodeInput): Checked {
  const lines = (bytes: Uint8Array): string[] => Buffer.from(bytes).toString('utf8').split('\n').map(withPlainValue).sort()
  for (let i = 0; i < input.versions.length; i++) {
    const turn = input.next()
    const made = lines(encode(turn))
    const expected = lines(pointApi(turn))
    const wrong = made.findIndex((line, k) => line !== expected[k])
    if (wrong >= 0 || made.length !== expected.length) {
      throw new Error(`line ${JSON.stringify(made[wrong])}, of the Point API ${JSON.stringify(expected[wrong])}`)
    }
  }
  return {}
}
