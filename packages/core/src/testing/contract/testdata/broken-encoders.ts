import { addCounts, type Batch } from '../../../model/batch.js'
import { batchOf, samplesOf } from '../../../model/samples.js'
import { alter, type BrokenSink, encoding, without } from './altered-sinks.js'

const oneMore = { samples: 1, histograms: 0, exemplars: 0 }

/** What can be wrong with `encode`. */
export const brokenEncoders: readonly BrokenSink[] = [
  [
    'counts what it does not send',
    encoding((encode) => (batches) => encode(batches).map((one) => ({ ...one, counts: addCounts(one.counts, oneMore) }))),
    'encode: what a part counts and what is dropped add up to the batches',
    'parts count 2 samples, 0 histograms, 0 exemplars and drop 0 samples, 0 histograms, 0 exemplars of 1 samples, 0 histograms, 0 exemplars',
  ],
  [
    'loses a sample on its way into the body',
    encoding((encode) => (batches) => encode(batches).map((one) => ({ ...one, body: without(one.body, ({ value }) => value === 7) }))),
    'encode: the number of samples that arrive is the number that is counted',
    'a part counts 200 samples, and 199 arrived',
  ],
  [
    'encodes impurely',
    (sink) => {
      let calls = 0
      return alter(sink, { encode: (batches) => sink.encode(batches).map((one) => ({ ...one, part: `part ${calls++}` })) })
    },
    'encode: is pure, the same batches give the same parts',
    'the same batches became other parts or other counts when they were encoded again',
  ],
  [
    'stamps its bodies',
    (sink) => {
      let calls = 0
      return alter(sink, { encode: (batches) => sink.encode(batches).map((one) => ({ ...one, bytes: one.bytes + calls++ })) })
    },
    'encode: the same batches give the same bytes',
    'the same batches became other bytes when they were encoded again',
  ],
  [
    'writes into the batches',
    encoding((encode) => (batches) => {
      for (const { columns } of batches) for (const one of columns) if (one.kind === 'samples') one.values.fill(1)
      return encode(batches)
    }),
    'encode: leaves the batches as they are',
    'encode() changed the batches that it was given',
  ],
  [
    'uses one buffer for all bodies',
    (sink) => {
      const shared: Batch[] = []
      return alter(sink, {
        encode: (batches) =>
          sink.encode(batches).map((one) => {
            shared.splice(0, shared.length, ...one.body)
            return { ...one, body: shared }
          }),
      })
    },
    'encode: a body stays as it is while others are made',
    'two bodies of one list of series, the second made before the first was sent: 20 of 40 samples are missing or altered:',
  ],
  [
    'throws for nothing',
    encoding((encode) => (batches) => {
      if (batches.length === 0) throw new Error('no batches')
      return encode(batches)
    }),
    'encode: nothing becomes nothing',
    'no batches',
  ],
  [
    'writes NaN as 0',
    encoding(
      (encode) => (batches) =>
        encode(
          batches.map((batch) =>
            batchOf(
              Array.from(samplesOf(batch), (one) => ({ ...one, value: one.value || 0 })),
              batch.origin,
            ),
          ),
        ),
    ),
    'encode: numbers at the edges, NaN and the infinities arrive unaltered, or are counted as dropped',
    'numbers at the edges, NaN and the infinities: 2 of 13 samples are missing or altered:',
  ],
  [
    'drops staleness markers and tells nobody',
    encoding((encode) => (batches) => encode(without(batches, ({ stale }) => stale))),
    'encode: staleness markers arrive unaltered, or are counted as dropped',
    'parts count 3 samples, 0 histograms, 0 exemplars and drop 0 samples, 0 histograms, 0 exemplars of 6 samples, 0 histograms, 0 exemplars',
  ],
  [
    'loses a label that is called __proto__',
    encoding(
      (encode) => (batches) =>
        encode(
          batches.map((batch) =>
            batchOf(
              Array.from(samplesOf(batch), (sample) => {
                const labels: Record<string, string> = {}
                for (const [name, value] of Object.entries(sample.labels.toObject())) labels[name] = value
                return { ...sample, labels }
              }),
              batch.origin,
            ),
          ),
        ),
    ),
    'encode: label names that JavaScript or a format takes for its own, __proto__ among them arrive unaltered, or are counted as dropped',
    'label names that JavaScript or a format takes for its own, __proto__ among them: 1 of 12 samples are missing or altered:',
  ],
  [
    'cuts long values',
    encoding((encode) => (batches) =>
      encode(
        batches.map((batch) =>
          batchOf(
            Array.from(samplesOf(batch), (sample) => ({
              ...sample,
              labels: Object.fromEntries(Object.entries(sample.labels.toObject()).map(([name, value]) => [name, value.slice(0, 1_000)])),
            })),
            batch.origin,
          ),
        ),
      ),
    ),
    'encode: hostile label values arrive unaltered, or are counted as dropped',
    'hostile label values: 1 of 15 samples are missing or altered:',
  ],
  [
    'takes the first batch only',
    encoding((encode) => (batches) => encode(batches.slice(0, 1))),
    'encode: several batches in one call',
    'three batches of two origins: 10 of 15 samples are missing or altered:',
  ],
]
