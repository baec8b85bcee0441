import type { CorpusName } from '../corpus/corpus.js'
import type { Comparison, Subject } from '../harness/comparison.js'
import { kafkaSubjects } from './kafka.js'
import { lineProtocolSubjects } from './line-protocol.js'
import { remoteWriteSubjects } from './remote-write.js'

interface Format {
  readonly subjects: (corpus: CorpusName) => readonly [Subject, ...Subject[]]
  /** Cases by name. Histograms are left to `parse`: encoders see lists of series, whatever they are of. */
  readonly cases: Readonly<Record<string, CorpusName>>
}

const formats: Readonly<Record<string, Format>> = {
  'remote-write': { subjects: remoteWriteSubjects, cases: { node: 'node', ksm: 'ksm', n10000: 'n10000' } },
  // With the name, job and instance, these have four labels and eight.
  'line-protocol': {
    subjects: lineProtocolSubjects,
    cases: { node: 'node', ksm: 'ksm', 'few-labels': 'few10000', 'eight-labels': 'n10000' },
  },
  kafka: { subjects: kafkaSubjects, cases: { node: 'node', ksm: 'ksm', n10000: 'n10000' } },
}

/** Successive batches to what is sent. */
export const encodeComparisons: readonly Comparison[] = Object.entries(formats).flatMap(([format, { subjects, cases }]) =>
  Object.entries(cases).map(
    ([name, corpus]): Comparison => ({ name: `encode/${format}/${name}`, bytesOf: 'output', subjects: subjects(corpus) }),
  ),
)
