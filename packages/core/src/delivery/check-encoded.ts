import { PromlineError } from '../model/errors.js'
import { soundCounts } from '../model/claimed-counts.js'
import { describeValue } from './describe-value.js'
import type { Encoded, Sink } from './sink.js'

/**
 * What a sink's encoder gave, with counts that can be calculated with: the same list where they are. Throws a PromlineError (`contract`)
 * where it is no list of parts.
 */
export function checkEncoded(encoded: readonly Encoded<unknown>[], sink: Sink<unknown>): readonly Encoded<unknown>[] {
  const fault = listFault(encoded) ?? firstFault(encoded, sink)
  if (fault !== undefined) throw new PromlineError('contract', `sink ${JSON.stringify(sink.name)}: encode gave ${fault}`)
  return encoded.every(isSound) ? encoded : encoded.map(withSoundCounts)
}

function listFault(encoded: unknown): string | undefined {
  if (Array.isArray(encoded)) return undefined
  // Where it is a promise nobody else would hear of its failure, and Node ends a process for that.
  Promise.resolve(encoded).catch(() => {})
  return `${describeValue(encoded)}, and not a list of parts`
}

function firstFault(encoded: readonly unknown[], { maxBodyBytes }: Sink<unknown>): string | undefined {
  for (const one of encoded) {
    if (typeof one !== 'object' || one === null) return `${describeValue(one)} among the parts`
    const fault = countsFault('counts' in one ? one.counts : undefined) ?? ('dropped' in one ? droppedFault(one.dropped) : undefined)
    if (fault !== undefined) return `a part ${fault}`
    const bytes = 'bytes' in one ? one.bytes : undefined
    // Only a limit needs them.
    if (maxBodyBytes !== undefined && !isSize(bytes)) return `a part of ${describeValue(bytes)} bytes, and its bodies have a limit`
  }
  return undefined
}

function countsFault(counts: unknown): string | undefined {
  return typeof counts === 'object' && counts !== null ? undefined : `whose counts are ${describeValue(counts)}`
}

function droppedFault(dropped: unknown): string | undefined {
  if (dropped === undefined) return undefined
  if (!Array.isArray(dropped)) return `whose dropped is ${describeValue(dropped)}, and not a list`
  const all: readonly unknown[] = dropped
  for (const one of all) {
    if (typeof one !== 'object' || one === null) return `whose dropped holds ${describeValue(one)}`
    const fault = countsFault('counts' in one ? one.counts : undefined)
    if (fault !== undefined) return `that dropped something ${fault}`
  }
  return undefined
}

function isSize(bytes: unknown): boolean {
  return typeof bytes === 'number' && bytes >= 0
}

function isSound({ counts, dropped }: Encoded<unknown>): boolean {
  return soundCounts(counts) === counts && (dropped === undefined || dropped.every((one) => soundCounts(one.counts) === one.counts))
}

function withSoundCounts(one: Encoded<unknown>): Encoded<unknown> {
  const { part, body, bytes, counts, dropped } = one
  return {
    part,
    body,
    bytes,
    counts: soundCounts(counts),
    ...(dropped !== undefined && { dropped: dropped.map(({ reason, counts: lost }) => ({ reason, counts: soundCounts(lost) })) }),
  }
}
