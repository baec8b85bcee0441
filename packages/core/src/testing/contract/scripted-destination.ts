import { setTimeout as sleep } from 'node:timers/promises'
import type { Destination, DestinationAnswer, ReceivedRequest, ReceivedSample } from './subject.js'

/** What to say to a request; it may take a while. */
export type Judge = (request: ReceivedRequest) => DestinationAnswer | Promise<DestinationAnswer>

/** A request and what was said to it; undefined while nothing was. */
export interface JudgedRequest extends ReceivedRequest {
  answer: DestinationAnswer | undefined
}

const taken: DestinationAnswer = { status: 'delivered' }

/** The destination that a case sees: what arrived, and what it is to say. */
export class ScriptedDestination implements Destination {
  /** All requests, in the order of their coming. */
  readonly requests: JudgedRequest[] = []
  /** What is stored, in the order of the answers. */
  readonly stored: ReceivedSample[] = []
  /** Samples of requests that were answered with `delivered`, or the good ones of `partial`: what accounts must call delivered. */
  acknowledged = 0
  /** Decides what is said from now on. */
  judge: Judge = () => taken
  /** Looks on at every request, and at every answer: the moments at which accounts must balance. */
  watch: () => void = () => {}

  async receive({ samples, bytes }: ReceivedRequest): Promise<DestinationAnswer> {
    // A fake may use its buffer again.
    const request: JudgedRequest = { samples, ...(bytes !== undefined && { bytes: Uint8Array.from(bytes) }), answer: undefined }
    this.requests.push(request)
    this.watch()
    const answer = await this.judge(request)
    request.answer = answer
    const kept = keptOf(samples, answer)
    this.stored.push(...kept)
    if (answer.status !== 'lost') this.acknowledged += kept.length
    this.watch()
    return answer
  }

  /** Says this to the next requests, in order, then takes everything. */
  answer(...answers: readonly DestinationAnswer[]): void {
    const script = [...answers]
    this.judge = () => script.shift() ?? taken
  }

  /** Takes everything from now on. */
  heal(): void {
    this.judge = () => taken
  }
}

/** What of a request is stored. */
function keptOf(samples: readonly ReceivedSample[], { status, refused }: DestinationAnswer): readonly ReceivedSample[] {
  if (status === 'delivered' || status === 'lost') return samples
  return status === 'partial' ? samples.filter((sample) => !refused?.includes(sample)) : []
}

/** Answers that come when the case says so. */
export class HeldAnswers {
  readonly #waiting: ((answer: DestinationAnswer) => void)[] = []

  readonly judge: Judge = () => new Promise((resolve) => this.#waiting.push(resolve))

  /** Requests that wait for an answer. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Answers the last one that came. */
  answerLast(answer: DestinationAnswer = taken): void {
    this.#waiting.pop()?.(answer)
  }

  answerAll(answer: DestinationAnswer = taken): void {
    for (const resolve of this.#waiting.splice(0)) resolve(answer)
  }
}

/** A millisecond and some turns of the event loop. */
export async function aTurn(): Promise<void> {
  await sleep(1)
  await new Promise((resolve) => setImmediate(resolve))
}

/** Some milliseconds, in which what is on its way over loopback arrives. */
export async function aWhile(): Promise<void> {
  for (let i = 0; i < 10; i++) await aTurn()
}
