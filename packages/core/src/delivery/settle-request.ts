import { type Batch, type Counts, countsOf, subtractCounts, totalOf, zeroCounts } from '../model/batch.js'
import { toError } from '../model/errors.js'
import type { Clock } from '../model/clock.js'
import type { Rejected } from '../model/flow.js'
import { sumCounts } from './count-math.js'
import type { Answer, Courier } from './courier.js'
import type { DeliveryObserver } from './delivery-observer.js'
import { areIndependent, divideByOrigin, halve, joinNeighbours } from './divide.js'
import type { Lane } from './lane.js'
import type { Preparation } from './preparation.js'
import type { DeadLetter, Encoded, SendOutcome, Sink } from './sink.js'
import { addSettled, type Credit, nothingSettled, type Settled, type Tally } from './tally.js'

/** Batches of one tenant that are encoded and sent together. */
export interface Request {
  readonly batches: readonly Batch[]
  readonly tally: Tally
  readonly lane: Lane
  readonly credit: Credit
}

export interface SettlerOptions {
  readonly sink: Sink<unknown>
  readonly courier: Courier
  readonly preparation: Preparation
  readonly observer: DeliveryObserver
  readonly clock: Clock
  readonly maxInFlight: number
  readonly deadLetter?: DeadLetter
}

type Refusal = Pick<Extract<SendOutcome, { status: 'rejected' }>, 'cause' | 'divisible' | 'error'>

/** A chain of bodies for one part came to its end, or the request has to be encoded again. `settled` is what it came to either way. */
interface ChainEnd {
  readonly settled: Settled
  readonly reencode: boolean
}

/**
 * Encodes and sends requests until every sample of theirs is delivered, rejected (and in the dead letter) or dropped. Everywhere below,
 * undefined means that delivery was stopped before that.
 */
export class Settler {
  readonly #options: SettlerOptions
  deadLetters = 0

  constructor(options: SettlerOptions) {
    this.#options = options
  }

  /** Settles several requests: together where no series is in two of them, else one after the other. */
  async settleAll(requests: readonly Request[]): Promise<Settled | undefined> {
    const workers = areIndependent(requests.map((request) => request.batches)) ? Math.min(this.#options.maxInFlight, requests.length) : 1
    const queue = [...requests]
    let settled: Settled | undefined = nothingSettled
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined && settled !== undefined; next = queue.shift()) {
        const one = await this.settle(next)
        settled = one === undefined || settled === undefined ? undefined : addSettled(settled, one)
      }
    }
    await Promise.all(Array.from({ length: workers }, work))
    return settled
  }

  async settle(request: Request): Promise<Settled | undefined> {
    const { preparation } = this.#options
    let done = nothingSettled
    for (let { batches } = request; ; ) {
      const generation = await preparation.ready()
      if (generation === undefined) return undefined
      const encoded = this.#encode(batches)
      if (encoded instanceof Error) return this.#settleUnencodable({ ...request, batches }, encoded)
      const dropped = this.#countDropped(request, encoded)
      const chains = chainsOf(encoded)
      const ends: ChainEnd[] = []
      for (const end of await Promise.all(chains.map((chain) => this.#sendChain({ ...request, batches }, chain, chains.length === 1)))) {
        if (end === undefined) return undefined
        ends.push(end)
      }
      const again = new Set(ends.flatMap((end, i) => (end.reencode ? [chains[i]![0]!.part] : [])))
      if (again.size === 0) return addSettled(done, sumSettled(ends, dropped))
      if (again.size < chains.length && preparation.isCurrent(generation)) {
        // Until it is prepared anew the sink encodes as before, and can be asked what is not settled yet.
        batches = this.#select(batches, again)
        const ended = ends.filter((end) => !end.reencode)
        const begun = ends.filter((end) => end.reencode)
        done = addSettled(done, sumSettled(ended, zeroCounts))
        request.credit.add(sumSettled(begun, this.#droppedBy(batches)))
      } else {
        request.credit.add(sumSettled(ends, dropped))
      }
      preparation.renew(generation)
    }
  }

  #encode(batches: readonly Batch[]): readonly Encoded<unknown>[] | Error {
    try {
      return this.#options.sink.encode(batches)
    } catch (thrown) {
      return toError(thrown)
    }
  }

  #countDropped(request: Request, encoded: readonly Encoded<unknown>[]): Settled['dropped'] {
    const all = encoded.flatMap((part) => part.dropped ?? [])
    for (const { reason, counts } of all) request.tally.dropped(reason, request.credit.use('dropped', counts))
    return sumCounts(all.map((dropped) => dropped.counts))
  }

  async #settleUnencodable(request: Request, error: Error): Promise<Settled | undefined> {
    const refusal: Refusal = { cause: 'invalid', divisible: true, error }
    const pieces = divide(request.batches, refusal)
    if (pieces !== undefined) return this.#settlePieces(request, pieces)
    const rejected = sumCounts(request.batches.map(countsOf))
    return (await this.rejectWhole(request, refusal.cause, error)) ? { ...nothingSettled, rejected } : undefined
  }

  #settlePieces(request: Request, pieces: readonly (readonly Batch[])[]): Promise<Settled | undefined> {
    return this.settleAll(pieces.map((batches) => ({ ...request, batches })))
  }

  /** Sends the bodies of one part in order. One that is refused is divided, and its pieces stand for the rest of the chain as well. */
  async #sendChain(request: Request, chain: readonly Encoded<unknown>[], alone: boolean): Promise<ChainEnd | undefined> {
    let settled = nothingSettled
    for (const encoded of chain) {
      const answer = this.#refuseTooLarge(encoded) ?? (await this.#send(request, encoded))
      if (answer === undefined) return undefined
      if (answer.status === 'reencode') return { settled, reencode: true }
      if (answer.status === 'delivered') {
        const end = await this.#settleDelivered(request, encoded, answer.rejected)
        if (end === undefined) return undefined
        settled = addSettled(settled, end)
        continue
      }
      const batches = alone ? request.batches : this.#select(request.batches, new Set([encoded.part]))
      const pieces = divide(batches, answer)
      if (pieces !== undefined) {
        request.credit.add({ ...settled, dropped: this.#droppedBy(batches) })
        const end = await this.#settlePieces(request, pieces)
        return end && { settled: { ...end, dropped: zeroCounts }, reencode: false }
      }
      const rejected = { reason: answer.cause, message: answer.error.message, counts: encoded.counts }
      if (!(await this.#reject(request, batches, rejected))) return undefined
      settled = addSettled(settled, { ...nothingSettled, rejected: encoded.counts })
    }
    return { settled, reencode: false }
  }

  #refuseTooLarge(encoded: Encoded<unknown>): Extract<SendOutcome, { status: 'rejected' }> | undefined {
    const { sink } = this.#options
    if (sink.maxBodyBytes === undefined || encoded.bytes <= sink.maxBodyBytes) return undefined
    const error = new Error(`a body of ${encoded.bytes} bytes is larger than the limit of ${sink.maxBodyBytes} bytes`)
    return { status: 'rejected', cause: 'too-large', divisible: true, error }
  }

  async #send(request: Request, encoded: Encoded<unknown>): Promise<Answer | undefined> {
    const { sink, courier, clock, observer } = this.#options
    const { part, bytes } = encoded
    const tenant = request.batches[0]?.origin.tenant
    let beganMs = 0
    const answer = await courier.insist({
      part,
      ...(tenant !== undefined && { tenant }),
      keys: [`tenant ${tenant ?? ''}`, `lane ${request.lane.index} part ${part}`],
      takesSlot: true,
      lane: request.lane,
      attempt: (signal, attempt) => {
        beganMs = clock.monotonicMs()
        return sink.send(encoded.body, { signal, attempt })
      },
    })
    if (answer?.status === 'delivered') {
      const counts = subtractCounts(encoded.counts, answer.rejected?.counts ?? zeroCounts)
      observer.delivered({ part, counts, bytes, durationMs: clock.monotonicMs() - beganMs })
    }
    return answer
  }

  async #settleDelivered(request: Request, encoded: Encoded<unknown>, rejected: Rejected | undefined): Promise<Settled | undefined> {
    const refused = rejected?.counts ?? zeroCounts
    const delivered = subtractCounts(encoded.counts, refused)
    request.tally.delivered(request.credit.use('delivered', delivered))
    if (rejected !== undefined && !(await this.#reject(request, rejected.batches ?? [], rejected))) return undefined
    return { ...nothingSettled, delivered, rejected: refused }
  }

  /** Writes to the dead letter, for as long as that takes, and only then counts. False: stopped before. */
  async #reject(request: Request, batches: readonly Batch[], what: Omit<Rejected, 'batches'>): Promise<boolean> {
    const { reason, message, counts } = what
    for (const batch of batches) {
      if (!(await this.#bury(request.lane, batch, { reason, message }))) return false
    }
    request.tally.rejected({ reason, message, counts: request.credit.use('rejected', counts) })
    return true
  }

  async #bury(lane: Lane, batch: Batch, why: { readonly reason: string; readonly message: string }): Promise<boolean> {
    const { sink, courier, deadLetter } = this.#options
    if (deadLetter === undefined) return true
    const answer = await courier.insist({
      part: 'dead letter',
      keys: ['dead letter'],
      lane,
      attempt: async () => {
        await deadLetter.write(batch, { sink: sink.name, ...why })
        return { status: 'delivered' }
      },
    })
    if (answer !== undefined) this.deadLetters++
    return answer !== undefined
  }

  /** What of the batches goes into some parts: encoding is pure, so it can be asked. */
  #select(batches: readonly Batch[], parts: ReadonlySet<string>): readonly Batch[] {
    const search = (candidates: readonly Batch[]): readonly Batch[] => {
      const encoded = this.#encode(candidates)
      const names = encoded instanceof Error ? [...parts] : encoded.map((one) => one.part)
      if (!names.some((name) => parts.has(name))) return []
      const halves = names.every((name) => parts.has(name)) ? undefined : halve(candidates)
      return halves === undefined ? candidates : halves.flatMap(search)
    }
    const found = search(batches)
    return found.length === 0 ? batches : joinNeighbours(found)
  }

  #droppedBy(batches: readonly Batch[]): Counts {
    const encoded = this.#encode(batches)
    return encoded instanceof Error ? zeroCounts : sumCounts(encoded.flatMap((part) => part.dropped ?? []).map((dropped) => dropped.counts))
  }

  /** A batch that cannot even be transformed goes whole to the dead letter. False: stopped before. */
  rejectWhole(request: Request, reason: string, error: Error): Promise<boolean> {
    const counts = sumCounts(request.batches.map(countsOf))
    return this.#reject(request, request.batches, { reason, message: error.message, counts })
  }
}

function sumSettled(ends: readonly ChainEnd[], dropped: Counts): Settled {
  return ends.reduce((sum, end) => addSettled(sum, end.settled), { ...nothingSettled, dropped })
}

/** Bodies by part, in order. A body without bytes is never sent. */
function chainsOf(encoded: readonly Encoded<unknown>[]): Encoded<unknown>[][] {
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
function divide(batches: readonly Batch[], refusal: Refusal): readonly (readonly Batch[])[] | undefined {
  if (refusal.cause === 'too-large') return halve(batches)
  const origins = divideByOrigin(batches.filter((batch) => totalOf(countsOf(batch)) > 0))
  if (origins.length > 1) return origins
  return refusal.divisible ? halve(batches) : undefined
}
