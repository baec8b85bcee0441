import { type Batch, type Counts, countsOf, totalOf, zeroCounts } from '../model/batch.js'
import { toError } from '../model/errors.js'
import { sumCounts } from '../model/count-math.js'
import { divideByOrigin, halve, joinNeighbours } from '../division/divide.js'
import { checkEncoded } from './check-encoded.js'
import type { Encoded, SendOutcome, Sink } from './sink.js'

export type Refusal = Pick<Extract<SendOutcome, { status: 'rejected' }>, 'cause' | 'divisible' | 'error'>

/** Asks a sink's encoder, which is pure: what batches become, and what of them goes into which part. Nonsense is like a throw. */
export class RequestEncoder {
  readonly #sink: Sink<unknown>

  constructor(sink: Sink<unknown>) {
    this.#sink = sink
  }

  encode(batches: readonly Batch[]): readonly Encoded<unknown>[] | Error {
    try {
      return checkEncoded(this.#sink.encode(batches), this.#sink)
    } catch (thrown) {
      return toError(thrown)
    }
  }

  /** What of the batches goes into some parts. */
  select(batches: readonly Batch[], parts: ReadonlySet<string>): readonly Batch[] {
    const search = (candidates: readonly Batch[]): readonly Batch[] => {
      const encoded = this.encode(candidates)
      const names = encoded instanceof Error ? [...parts] : encoded.map((one) => one.part)
      if (!names.some((name) => parts.has(name))) return []
      const halves = names.every((name) => parts.has(name)) ? undefined : halve(candidates)
      return halves === undefined ? candidates : halves.flatMap(search)
    }
    const found = search(batches)
    return found.length === 0 ? batches : joinNeighbours(found)
  }

  /** What the format cannot carry of them. */
  droppedBy(batches: readonly Batch[]): Counts {
    const encoded = this.encode(batches)
    return encoded instanceof Error ? zeroCounts : sumCounts(encoded.flatMap((part) => part.dropped ?? []).map((dropped) => dropped.counts))
  }
}

/** Bodies by part, in order. A body without bytes is never sent. */
export function chainsOf(encoded: readonly Encoded<unknown>[]): (readonly Encoded<unknown>[])[] {
  if (encoded.length === 1) return encoded[0]!.bytes === 0 ? [] : [encoded]
  const chains = new Map<string, Encoded<unknown>[]>()
  for (const one of encoded) {
    if (one.bytes === 0) continue
    const chain = chains.get(one.part)
    if (chain === undefined) chains.set(one.part, [one])
    else chain.push(one)
  }
  return [...chains.values()]
}

/** The pieces that stand for what was refused; undefined where it cannot or must not be divided. */
export function divideRefused(batches: readonly Batch[], refusal: Refusal): readonly (readonly Batch[])[] | undefined {
  if (refusal.cause === 'too-large') return halve(batches)
  const origins = divideByOrigin(batches.filter((batch) => totalOf(countsOf(batch)) > 0))
  if (origins.length > 1) return origins
  return refusal.divisible ? halve(batches) : undefined
}
