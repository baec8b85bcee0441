import { type Batch, type Counts, countsOf, subtractCounts, zeroCounts } from '../model/batch.js'
import type { Clock } from '../model/clock.js'
import type { Rejected } from '../model/flow.js'
import { sumCounts } from '../model/count-math.js'
import { allEnded } from './all-ended.js'
import { boundCounts } from '../model/claimed-counts.js'
import type { Answer, Courier, Reservation } from './courier.js'
import type { DeliveryObserver } from './delivery-observer.js'
import { EncodePace } from './encode-pace.js'
import { areIndependent } from '../division/independence.js'
import type { Lane } from './lane.js'
import type { Generation, Preparation } from './preparation.js'
import type { Rejections } from './rejections.js'
import { chainsOf, divideRefused, type Refusal, RequestEncoder } from './request-encoder.js'
import type { Encoded, SendOutcome, Sink } from './sink.js'
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
  readonly rejections: Rejections
}

/** A request's turn to be encoded: under this preparation, with a slot for the first body, so that no body waits for one. */
interface Turn {
  readonly generation: Generation
  readonly slot: Reservation
}

/** A chain of bodies for one part came to its end, or the request has to be encoded again. `settled` is what it came to either way. */
interface ChainEnd {
  readonly settled: Settled
  readonly reencode: boolean
}

/** What a request came to, and what of it has to be encoded again. */
interface RequestEnd {
  readonly settled: Settled
  readonly again?: readonly Batch[]
}

/**
 * Encodes and sends requests until every sample of theirs is delivered, rejected (and in the dead letter) or dropped. Everywhere below,
 * undefined means that delivery was stopped before that.
 */
export class Settler {
  readonly #options: SettlerOptions
  readonly #encoder: RequestEncoder
  readonly #pace: EncodePace
  readonly #rejections: Rejections

  constructor(options: SettlerOptions) {
    this.#options = options
    this.#encoder = new RequestEncoder(options.sink)
    this.#pace = new EncodePace(options.clock)
    this.#rejections = options.rejections
  }

  /** Settles several requests: together where no series is in two of them, else one after the other. */
  async settleAll(requests: readonly Request[]): Promise<Settled | undefined> {
    if (requests.length === 1) return this.settle(requests[0]!)
    const workers = areIndependent(requests.map((request) => request.batches)) ? Math.min(this.#options.maxInFlight, requests.length) : 1
    let next = 0
    let settled: Settled | undefined = nothingSettled
    const work = async (): Promise<void> => {
      try {
        while (next < requests.length && settled !== undefined) {
          const one = await this.settle(requests[next++]!)
          settled = one === undefined || settled === undefined ? undefined : addSettled(settled, one)
        }
      } catch (thrown) {
        settled = undefined
        throw thrown
      }
    }
    await allEnded(Array.from({ length: workers }, work))
    return settled
  }

  /**
   * Settles one request. Where a part asks to be encoded anew, what goes into such parts is encoded again, after a new preparation, as a
   * request of its own; where nobody can say any more what that is, all of it. Then some samples are met, and sent, a second time: the
   * request's credit keeps them from being counted twice.
   */
  async settle(request: Request): Promise<Settled | undefined> {
    let done = nothingSettled
    for (let current = request; ; ) {
      for (let wait = this.#pace.wait(); wait !== undefined; wait = this.#pace.wait()) await wait
      const turn = this.#tryBegin(current) ?? (await this.#begin(current))
      const round = turn && (await this.#settleOnce(current, turn))
      if (turn === undefined || round === undefined) return undefined
      done = addSettled(done, round.settled)
      if (round.again === undefined) return done
      current = { ...request, batches: round.again }
      this.#options.preparation.renew(turn.generation)
    }
  }

  async #settleOnce(request: Request, turn: Turn): Promise<RequestEnd | undefined> {
    const { preparation, courier } = this.#options
    const { batches, credit } = request
    try {
      const encoded = this.#pace.measure(() => this.#encoder.encode(batches))
      if (encoded instanceof Error) {
        courier.release(turn.slot)
        const settled = await this.#settleUnencodable(request, encoded)
        return settled && { settled }
      }
      const dropped = this.#countDropped(request, encoded)
      const chains = chainsOf(encoded)
      const ends = await this.#sendChains(request, chains, turn.slot)
      if (ends === undefined) return undefined
      const parts = new Set(ends.flatMap((end, i) => (end.reencode ? [chains[i]![0]!.part] : [])))
      if (parts.size === 0) return { settled: sumSettled(ends, dropped) }
      if (parts.size === chains.length || !preparation.isCurrent(turn.generation)) {
        credit.add(sumSettled(ends, dropped))
        return { settled: nothingSettled, again: batches }
      }
      // Until it is prepared anew the sink encodes as before, and can be asked what is not settled yet.
      const again = this.#encoder.select(batches, parts)
      const [begun, ended] = [ends.filter((end) => end.reencode), ends.filter((end) => !end.reencode)]
      credit.add(sumSettled(begun, this.#encoder.droppedBy(again)))
      return { settled: sumSettled(ended, zeroCounts), again }
    } finally {
      // Where something was thrown before a body had it.
      courier.release(turn.slot)
    }
  }

  #tryBegin(request: Request): Turn | undefined {
    const { preparation, courier } = this.#options
    const generation = preparation.current
    const slot = generation === undefined ? undefined : courier.tryReserve({ keys: [tenantGate(request)] })
    return generation === undefined || slot === undefined ? undefined : { generation, slot }
  }

  /** Waits for the turn, with nothing encoded. */
  async #begin(request: Request): Promise<Turn | undefined> {
    const { preparation, courier } = this.#options
    for (;;) {
      const generation = await preparation.ready()
      if (generation === undefined) return undefined
      const slot = await courier.reserve({ keys: [tenantGate(request)], lane: request.lane })
      if (slot === undefined) return undefined
      if (preparation.isCurrent(generation)) return { generation, slot }
      courier.release(slot)
    }
  }

  /** Sends all chains of a request; the first has the slot. */
  async #sendChains(request: Request, chains: readonly Chain[], slot: Reservation): Promise<readonly ChainEnd[] | undefined> {
    const [first, ...others] = chains
    if (first === undefined) {
      this.#options.courier.release(slot)
      return []
    }
    const alone = others.length === 0
    const sent = this.#sendChain(request, first, { alone, slot })
    const ends = alone ? [await sent] : await allEnded([sent, ...others.map((chain) => this.#sendChain(request, chain, { alone }))])
    const ended = ends.filter((end) => end !== undefined)
    return ended.length === ends.length ? ended : undefined
  }

  #countDropped(request: Request, encoded: readonly Encoded<unknown>[]): Counts {
    if (encoded.every((part) => part.dropped === undefined)) return zeroCounts
    const all = encoded.flatMap((part) => part.dropped ?? [])
    for (const { reason, counts } of all) request.tally.dropped(reason, request.credit.use('dropped', counts))
    return sumCounts(all.map((dropped) => dropped.counts))
  }

  async #settleUnencodable(request: Request, error: Error): Promise<Settled | undefined> {
    const refusal: Refusal = { cause: 'invalid', divisible: true, error }
    const pieces = divideRefused(request.batches, refusal)
    if (pieces !== undefined) return this.#settlePieces(request, pieces)
    const rejected = sumCounts(request.batches.map(countsOf))
    return (await this.#rejections.settleWhole(request, refusal.cause, error)) ? { ...nothingSettled, rejected } : undefined
  }

  #settlePieces(request: Request, pieces: readonly (readonly Batch[])[]): Promise<Settled | undefined> {
    return this.settleAll(pieces.map((batches) => ({ ...request, batches })))
  }

  /** Sends the bodies of one part in order. One that is refused is divided, and its pieces stand for the rest of the chain as well. */
  async #sendChain(
    request: Request,
    chain: Chain,
    { alone, slot }: { readonly alone: boolean; readonly slot?: Reservation },
  ): Promise<ChainEnd | undefined> {
    let settled = nothingSettled
    for (const encoded of chain) {
      const refused = this.#refuseTooLarge(encoded)
      if (refused !== undefined && slot !== undefined) this.#options.courier.release(slot)
      const answer = refused ?? (await this.#send(request, encoded, slot))
      if (answer === undefined) return undefined
      if (answer.status === 'reencode') return { settled, reencode: true }
      if (answer.status === 'delivered') {
        const end = await this.#settleDelivered(request, encoded, answer.rejected)
        if (end === undefined) return undefined
        settled = addSettled(settled, end)
        continue
      }
      const batches = alone ? request.batches : this.#encoder.select(request.batches, new Set([encoded.part]))
      const pieces = divideRefused(batches, answer)
      if (pieces !== undefined) {
        request.credit.add({ ...settled, dropped: this.#encoder.droppedBy(batches) })
        const end = await this.#settlePieces(request, pieces)
        return end && { settled: { ...end, dropped: zeroCounts }, reencode: false }
      }
      const rejected = { reason: answer.cause, message: answer.error.message, counts: encoded.counts }
      if (!(await this.#rejections.settle(request, batches, rejected))) return undefined
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

  async #send(request: Request, encoded: Encoded<unknown>, slot: Reservation | undefined): Promise<Answer | undefined> {
    const { sink, courier, clock, observer } = this.#options
    const { part, bytes } = encoded
    const tenant = request.batches[0]?.origin.tenant
    let beganMs = 0
    const errand = {
      part,
      ...(tenant !== undefined && { tenant }),
      keys: [tenantGate(request), `lane ${request.lane.index} part ${part}`],
      takesSlot: true,
      lane: request.lane,
      attempt: (signal: AbortSignal, attempt: number) => {
        beganMs = clock.monotonicMs()
        return sink.send(encoded.body, { signal, attempt })
      },
    } as const
    const answer = await courier.insist(errand, slot)
    if (answer?.status === 'delivered') {
      observer.delivered({ part, counts: deliveredOf(encoded, answer.rejected), bytes, durationMs: clock.monotonicMs() - beganMs })
    }
    return answer
  }

  async #settleDelivered(request: Request, encoded: Encoded<unknown>, rejected: Rejected | undefined): Promise<Settled | undefined> {
    const delivered = deliveredOf(encoded, rejected)
    request.tally.delivered(request.credit.use('delivered', delivered))
    if (rejected === undefined) return { ...nothingSettled, delivered }
    const counts = boundCounts(rejected.counts, encoded.counts)
    const { reason, message, batches = [] } = rejected
    return (await this.#rejections.settle(request, batches, { reason, message, counts }))
      ? { ...nothingSettled, delivered, rejected: counts }
      : undefined
  }
}

type Chain = readonly Encoded<unknown>[]

/** What a body held but for what was refused of it, whatever a sink says that was. */
function deliveredOf({ counts }: Encoded<unknown>, rejected: Rejected | undefined): Counts {
  return rejected === undefined ? counts : subtractCounts(counts, boundCounts(rejected.counts, counts))
}

/** What all requests of a tenant pass. */
function tenantGate(request: Request): string {
  return `tenant ${request.batches[0]?.origin.tenant ?? ''}`
}

function sumSettled(ends: readonly ChainEnd[], dropped: Counts): Settled {
  return ends.reduce((sum, end) => addSettled(sum, end.settled), { ...nothingSettled, dropped })
}
