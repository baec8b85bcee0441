import type { CorpusName } from '../corpus/corpus.js'
import type { Comparison, Subject } from '../harness/comparison.js'
import { kafkaSubjects } from './kafka.js'
import { lineProtocolSubjects } from './line-protocol.js'
import { remoteWriteSubjects } from './remote-write.js'

const formats: Readonly<Record<string, (corpus: CorpusName) => readonly [Subject, ...Subject[]]>> = {
  'remote-write': remoteWriteSubjects,
  'line-protocol': lineProtocolSubjects,
  kafka: kafkaSubjects,
}
/** Few labels, long labels, eight labels. Histograms are left to `parse`: encoders see lists of series, whatever they are of. */
const corpora: readonly CorpusName[] = ['node', 'ksm', 'n10000']

/** Successive batches to what is sent. */
export const encodeComparisons: readonly Comparison[] = Object.entries(formats).flatMap(([format, subjectsOf]) =>
  corpora.map((corpus): Comparison => ({ name: `encode/${format}/${corpus}`, bytesOf: 'output', subjects: subjectsOf(corpus) })),
)
