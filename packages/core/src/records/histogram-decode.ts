import { PromlineError } from '../model/errors.js'
import type { BucketSpan, Histogram } from '../model/histogram.js'
import { histogramBigint, histogramField, resetHints } from './histogram-encode.js'
import type { RecordReader } from './record-reader.js'

/** Reads a histogram; mirrors encodeHistogram. Throws a PromlineError (`decode`) where it is not what it says. */
export function decodeHistogram(reader: RecordReader): Histogram {
  const fields = reader.uint8()
  const bigints = reader.uint8()
  const resetHint = resetHints[reader.uint8()]
  if (resetHint === undefined) throw new PromlineError('decode', 'a histogram with an unknown reset hint')
  const head = {
    schema: reader.signedVarint(),
    zeroThreshold: reader.float64(),
    sum: reader.float64(),
    count: decodeCount(reader, (bigints & histogramBigint.count) !== 0),
    zeroCount: decodeCount(reader, (bigints & histogramBigint.zeroCount) !== 0),
    positiveSpans: decodeSpans(reader),
    negativeSpans: decodeSpans(reader),
    resetHint,
  }
  const has = (field: keyof typeof histogramField): boolean => (fields & histogramField[field]) !== 0
  const positiveDeltas = has('positiveDeltas') ? decodeDeltas(reader, (bigints & histogramBigint.positiveDeltas) !== 0) : undefined
  const positiveCounts = has('positiveCounts') ? reader.float64s(reader.varint()) : undefined
  const negativeDeltas = has('negativeDeltas') ? decodeDeltas(reader, (bigints & histogramBigint.negativeDeltas) !== 0) : undefined
  const negativeCounts = has('negativeCounts') ? reader.float64s(reader.varint()) : undefined
  const customValues = has('customValues') ? reader.float64s(reader.varint()) : undefined
  return {
    ...head,
    ...(positiveDeltas !== undefined && { positiveDeltas }),
    ...(positiveCounts !== undefined && { positiveCounts }),
    ...(negativeDeltas !== undefined && { negativeDeltas }),
    ...(negativeCounts !== undefined && { negativeCounts }),
    ...(customValues !== undefined && { customValues }),
  }
}

function decodeCount(reader: RecordReader, bigint: boolean): number | bigint {
  return bigint ? reader.uint64() : reader.float64()
}

function decodeSpans(reader: RecordReader): BucketSpan[] {
  const spans: BucketSpan[] = []
  for (let left = reader.varint(); left > 0; left--) spans.push({ offset: reader.signedVarint(), length: reader.varint() })
  return spans
}

function decodeDeltas(reader: RecordReader, bigint: boolean): Float64Array | BigInt64Array {
  const count = reader.varint()
  if (!bigint) return reader.float64s(count)
  const bytes = reader.view(8 * count)
  return BigInt64Array.from({ length: count }, (_, i) => bytes.readBigInt64LE(8 * i))
}
