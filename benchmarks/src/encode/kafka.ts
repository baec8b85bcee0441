import { influxFormat, type RecordFormat, telegrafJsonFormat } from '@promline/kafka-sink'
import type { CorpusName } from '../corpus/corpus.js'
import type { Checked, Subject } from '../harness/comparison.js'
import { batchOfTurn, createEncodeInput, type Turn } from './input.js'

/** The value of a record, as bytes. */
interface Message {
  readonly value: Uint8Array
}

type Encode = (turn: Turn) => readonly Message[]

/** Samples to the values of Kafka records: the formats differ, so the ratio says what a choice of format costs, not who is faster. */
export function kafkaSubjects(corpus: CorpusName): readonly [Subject, ...Subject[]] {
  const subject = (name: string, encode: Encode, valuesOf: (text: string) => number[]): Subject => ({
    name,
    create: async () => {
      const input = await createEncodeInput(corpus)
      return {
        samples: input.samples,
        bytes: encode(input.next()).reduce((sum, { value }) => sum + value.length, 0),
        run: () => void encode(input.next()),
        check: async () => assertSameValues(input.next(), encode, valuesOf),
      }
    },
  })
  return [
    subject('JSON.stringify', jsonMessages, (text) => [Number(jsonField(text, 'value'))]),
    subject('influx', formatted(influxFormat()), influxValues),
    subject('telegraf-json', formatted(telegrafJsonFormat()), (text) => Object.values(Object(jsonField(text, 'fields'))).map(Number)),
  ]
}

/** A message a sample, its value a Buffer of JSON: what examples of kafkajs do, and what kafkajs makes of a text. */
function jsonMessages({ version, timestampMs }: Turn): readonly Message[] {
  const timestamp = new Date(timestampMs).toISOString()
  return version.rows.map(({ name, labels, value }) => ({
    value: Buffer.from(JSON.stringify({ timestamp, value: String(value), name, labels: Object.fromEntries(labels) })),
  }))
}

function formatted(format: RecordFormat): Encode {
  return (turn) => format.format([batchOfTurn(turn)]).records
}

/** The values of a line's fields; a backslash before a space or comma makes it a part of a name. */
function influxValues(line: string): number[] {
  const [, fields = ''] = line.split(/(?<!\\) /)
  return fields.split(/(?<!\\),/).map((field) => Number(field.slice(field.lastIndexOf('=') + 1)))
}

function jsonField(text: string, name: string): unknown {
  const parsed: unknown = JSON.parse(text)
  return typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, name) : undefined
}

/** Formats differ in names and grouping; the numbers must be the same ones. */
function assertSameValues({ version, timestampMs }: Turn, encode: Encode, valuesOf: (text: string) => number[]): Checked {
  const sorted = (values: readonly number[]): string[] => values.filter(Number.isFinite).map(String).sort()
  const made = encode({ version, timestampMs })
  const values = sorted(made.flatMap(({ value }) => valuesOf(Buffer.from(value).toString('utf8'))))
  const expected = sorted(version.rows.map(({ value }) => value))
  const wrong = expected.findIndex((value, i) => value !== values[i])
  if (wrong >= 0 || values.length !== expected.length) {
    throw new Error(
      `${values.length} values, expected ${expected.length}; the first that differs: ${values[wrong]}, expected ${expected[wrong]}`,
    )
  }
  return { figures: { records: made.length } }
}
