import type { Socket } from 'node:net'
import type { Clock } from '../model/clock.js'
import type { WayRules } from './chaos-rules.js'

/** What has a rate. */
export interface ChaosLine {
  /** When it has carried everything that it was given, on the monotonic clock. */
  freeMs: number
}

/** What a pipe needs. */
export interface ChaosPipeOptions {
  readonly from: Socket
  readonly to: Socket
  readonly rules: WayRules
  /** The line of all connections, for rules that share it. */
  readonly sharedLine: ChaosLine
  readonly clock: Clock
  /** At least 0, less than 1. */
  readonly random: () => number
  /** The rules say that the connection ends here. */
  readonly cut: () => void
}

/** Bytes on the way; undefined is the end of the stream, which waits for its turn as well. */
interface Parcel {
  readonly bytes: Buffer | undefined
  readonly dueMs: number
}

/** What one way holds before the sender feels it: what the buffers of a long line hold. */
const maxHeldBytes = 1024 * 1024
/** A slow line moves this many times a second: fine enough that a rate is a rate, and few enough timers. */
const movesPerSecond = 20

/** One way of a connection: takes what comes from one socket and hands it to the other by the rules. */
export class ChaosPipe {
  readonly #from: Socket
  readonly #to: Socket
  readonly #clock: Clock
  readonly #random: () => number
  readonly #cut: () => void
  #rules: WayRules
  #parcels: Parcel[] = []
  #heldBytes = 0
  #lastDueMs = 0
  readonly #ownLine: ChaosLine = { freeMs: 0 }
  readonly #sharedLine: ChaosLine
  #forwardedBytes = 0
  /** Bytes until the next one that is flipped, and the bytes of its stretch that come after it. */
  #untilFlip = 0
  #afterFlip = 0
  #lost = false
  #closed = false
  #draining = false
  #cancelTimer: (() => void) | undefined

  constructor(options: ChaosPipeOptions) {
    this.#from = options.from
    this.#to = options.to
    this.#sharedLine = options.sharedLine
    this.#clock = options.clock
    this.#random = options.random
    this.#cut = options.cut
    this.#rules = options.rules
    this.#startStretch()
    this.#from.on('data', (bytes) => this.#take(bytes))
    this.#from.on('end', () => this.#take(undefined))
    this.#to.on('drain', () => {
      this.#draining = false
      this.#move()
    })
  }

  /** True when something went into a blackhole: the stream has a hole, and must not go on. */
  get lost(): boolean {
    return this.#lost
  }

  /** Other rules from now on; what is on the way starts anew under them. */
  apply(rules: WayRules): void {
    this.#rules = rules
    this.#forwardedBytes = 0
    this.#startStretch()
    this.#lastDueMs = 0
    this.#line.freeMs = 0
    const parcels = this.#parcels
    this.#parcels = []
    this.#heldBytes = 0
    for (const { bytes } of parcels) this.#hold(bytes)
    this.#move()
  }

  /** Forgets what is on the way. */
  close(): void {
    this.#closed = true
    this.#parcels = []
    this.#heldBytes = 0
    this.#cancelTimer?.()
  }

  get #line(): ChaosLine {
    return this.#rules.sharedLine ? this.#sharedLine : this.#ownLine
  }

  #take(bytes: Buffer | undefined): void {
    if (this.#closed) return
    if (bytes !== undefined && this.#rules.corrupt > 0) this.#flipBits(bytes)
    this.#hold(bytes)
    this.#move()
  }

  #hold(bytes: Buffer | undefined): void {
    if (this.#rules.blackhole) {
      this.#lost = true
      return
    }
    const delayMs = this.#rules.latencyMs + this.#rules.jitterMs * this.#random()
    this.#lastDueMs = Math.max(this.#lastDueMs, this.#clock.monotonicMs() + delayMs)
    this.#parcels.push({ bytes, dueMs: this.#lastDueMs })
    this.#heldBytes += bytes?.length ?? 0
  }

  /** Hands on what is due, as far as the line and the other side take it. */
  #move(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    const { bytesPerSecond } = this.#rules
    const line = this.#line
    const sliceBytes = Math.max(1, Math.floor(bytesPerSecond / movesPerSecond))
    while (!this.#closed && !this.#draining && this.#parcels.length > 0) {
      const { bytes, dueMs } = this.#parcels[0]!
      const slice = bytes?.subarray(0, sliceBytes)
      const readyMs = Math.max(dueMs, line.freeMs) + ((slice?.length ?? 0) * 1_000) / bytesPerSecond
      const waitMs = readyMs - this.#clock.monotonicMs()
      if (waitMs > 0) {
        this.#cancelTimer = this.#clock.schedule(waitMs, () => this.#move())
        break
      }
      line.freeMs = readyMs
      if (bytes === undefined || bytes.length <= sliceBytes) this.#parcels.shift()
      else this.#parcels[0] = { bytes: bytes.subarray(sliceBytes), dueMs }
      this.#heldBytes -= slice?.length ?? 0
      this.#forward(slice)
    }
    if (this.#closed) return
    if (this.#heldBytes >= maxHeldBytes) this.#from.pause()
    else if (this.#from.isPaused()) this.#from.resume()
  }

  #forward(bytes: Buffer | undefined): void {
    if (bytes === undefined) {
      this.#to.end()
      return
    }
    const leftBytes = this.#rules.cutAfterBytes - this.#forwardedBytes
    this.#forwardedBytes += bytes.length
    if (bytes.length >= leftBytes) {
      // The last bytes must have left when the sockets go.
      this.close()
      this.#to.write(bytes.subarray(0, leftBytes), this.#cut)
      return
    }
    this.#draining = !this.#to.write(bytes)
  }

  #startStretch(): void {
    this.#untilFlip = Math.floor(this.#random() * this.#rules.corrupt)
    this.#afterFlip = this.#rules.corrupt - 1 - this.#untilFlip
  }

  /** In place: what a socket hands out belongs to its reader. */
  #flipBits(bytes: Buffer): void {
    let at = 0
    while (at + this.#untilFlip < bytes.length) {
      at += this.#untilFlip
      bytes[at] = bytes[at]! ^ (1 << Math.floor(this.#random() * 8))
      at++
      const after = this.#afterFlip
      this.#startStretch()
      this.#untilFlip += after
    }
    this.#untilFlip -= bytes.length - at
  }
}
