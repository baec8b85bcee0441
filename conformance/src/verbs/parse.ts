import { type MetricFamily, metricNameLabel, parseTextEntries, parseTextFamilies, type TextMode } from '@promline/core'
import { floatToJson, type JsonValue, labelsToJson, sampleLineOf, writeJson } from '@promline/core/testing'
import { choice, readOptions, writeOutput, type VerbIo } from '../verb.js'

const formats = ['text'] as const
const modes = ['strict', 'prometheus'] as const satisfies readonly TextMode[]

/** `parse`: an exposition body to families as JSON. */
export async function parse(args: readonly string[], io: VerbIo): Promise<void> {
  const mode = readMode(args)
  const families = parseTextFamilies(await io.input(), { mode })
  await writeOutput(io, familiesJson(families))
}

/** `entries`: an exposition body to what the scraper takes from it, a line a sample. */
export async function entries(args: readonly string[], io: VerbIo): Promise<void> {
  const mode = readMode(args)
  const lines: string[] = []
  parseTextEntries(await io.input(), { mode }, (entry) => {
    lines.push(`${sampleLineOf({ labels: entry.labels, value: entry.value, timestampMs: entry.timestampMs ?? null })}\n`)
  })
  await writeOutput(io, lines)
}

/** A list of families, in parts: together they may be longer than a string can be. */
export function* familiesJson(families: readonly MetricFamily[]): Generator<string> {
  yield '['
  for (const [i, family] of families.entries()) yield `${i > 0 ? ',' : ''}${writeJson(familyToJson(family))}`
  yield ']\n'
}

function readMode(args: readonly string[]): TextMode {
  const options = readOptions(args, ['format', 'mode'])
  choice('format', options['format'], formats)
  return choice('mode', options['mode'], modes)
}

function familyToJson(family: MetricFamily): JsonValue {
  return {
    name: family.name,
    // Text 0.0.4 has its own word for what OpenMetrics calls unknown.
    type: family.type === 'unknown' ? 'untyped' : family.type,
    help: family.help,
    unit: family.unit,
    samples: family.samples.map(sampleToJson),
    histograms: [],
  }
}

function sampleToJson(sample: MetricFamily['samples'][number]): JsonValue {
  const labels = new Map(labelsToJson(sample.labels))
  labels.delete(metricNameLabel)
  return {
    name: sample.labels.get(metricNameLabel) ?? '',
    labels,
    value: floatToJson(sample.value),
    timestampMs: sample.timestampMs ?? null,
    exemplar: null,
  }
}
