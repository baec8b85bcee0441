import { createRandom, poisson, type Random } from './random.js'

/** How viewers and recorders are connected, each counted by a gauge `connections_<kind>`. */
export const connectionKinds = ['file', 'hlsv3', 'llhls', 'ovt', 'push', 'srt', 'thumbnail', 'webrtc'] as const

/** A kind of connection. */
export type ConnectionKind = (typeof connectionKinds)[number]

/** What the server shows after a step. Throughputs are in bytes per second, and whole numbers but for the means. */
export interface StreamingServerState {
  readonly connections: Readonly<Record<ConnectionKind, number>>
  /** The sum of the kinds. */
  readonly totalConnections: number
  /** The most there were at the end of any step. */
  readonly maxTotalConnections: number
  readonly in: Throughput
  readonly out: Throughput
}

/** One direction of the traffic. */
export interface Throughput {
  /** Of the last step. */
  readonly last: number
  /** `totalBytes` over the time since the beginning; 0 at the beginning. */
  readonly avg: number
  /** The highest `last` so far. */
  readonly max: number
  /** Every `last` so far times the length of its step. */
  readonly totalBytes: number
}

/** The length of a step: what a second of traffic brings is a whole number of bytes, so totals integrate throughput exactly. */
export const stepMs = 1_000

interface Audience {
  /** Connections on average. */
  readonly level: number
  /** How long one lasts on average, in seconds. */
  readonly staySeconds: number
  /** What one takes, in bytes per second. */
  readonly bytesPerSecond: number
}

/** A middling server of live streams: most watch over HLS, some over WebRTC; a few machines pull, record and push on. */
const audiences: Readonly<Record<ConnectionKind, Audience>> = {
  file: { level: 3, staySeconds: 600, bytesPerSecond: 625_000 },
  hlsv3: { level: 60, staySeconds: 300, bytesPerSecond: 375_000 },
  llhls: { level: 90, staySeconds: 300, bytesPerSecond: 375_000 },
  ovt: { level: 4, staySeconds: 3_600, bytesPerSecond: 750_000 },
  push: { level: 2, staySeconds: 1_800, bytesPerSecond: 500_000 },
  srt: { level: 5, staySeconds: 1_200, bytesPerSecond: 500_000 },
  thumbnail: { level: 8, staySeconds: 20, bytesPerSecond: 2_500 },
  webrtc: { level: 40, staySeconds: 240, bytesPerSecond: 312_500 },
}

/** What comes in: a handful of encoders at 4 Mbit/s each. */
const ingest = { streams: 4, bytesPerSecond: 500_000 }
/** The audience swells and shrinks by half over twenty minutes, so that a chart of an hour shows three waves. */
const tide = { periodSeconds: 1_200, depth: 0.5 }
/** A stream's rate differs from its mean by a tenth at most, from one second to the next. */
const jitter = 0.1

/** A made-up streaming server that lives in steps of a second: its state is a function of the seed and the number of steps alone. */
export class StreamingServerSimulation {
  readonly #random: Random
  readonly #connections: Record<ConnectionKind, number>
  readonly #in = new RunningThroughput()
  readonly #out = new RunningThroughput()
  #steps = 0
  #maxTotalConnections: number

  constructor(seed: number) {
    this.#random = createRandom(seed)
    this.#connections = {
      file: audiences.file.level,
      hlsv3: audiences.hlsv3.level,
      llhls: audiences.llhls.level,
      ovt: audiences.ovt.level,
      push: audiences.push.level,
      srt: audiences.srt.level,
      thumbnail: audiences.thumbnail.level,
      webrtc: audiences.webrtc.level,
    }
    this.#maxTotalConnections = this.#totalConnections()
  }

  /** Steps since the beginning. */
  get steps(): number {
    return this.#steps
  }

  /** Lives through one second. */
  step(): void {
    this.#steps++
    const swell = 1 + tide.depth * Math.sin((2 * Math.PI * this.#steps) / tide.periodSeconds)
    let bytesOut = 0
    for (const kind of connectionKinds) {
      this.#connections[kind] = this.#comeAndGo(this.#connections[kind], audiences[kind], swell)
      bytesOut += this.#connections[kind] * audiences[kind].bytesPerSecond * this.#jitter()
    }
    this.#maxTotalConnections = Math.max(this.#maxTotalConnections, this.#totalConnections())
    this.#in.add(Math.round(ingest.streams * ingest.bytesPerSecond * this.#jitter()))
    this.#out.add(Math.round(bytesOut))
  }

  state(): StreamingServerState {
    return {
      connections: { ...this.#connections },
      totalConnections: this.#totalConnections(),
      maxTotalConnections: this.#maxTotalConnections,
      in: this.#in.state(this.#steps),
      out: this.#out.state(this.#steps),
    }
  }

  #comeAndGo(connections: number, audience: Audience, swell: number): number {
    const arrivals = poisson(this.#random, (audience.level * swell) / audience.staySeconds)
    const departures = poisson(this.#random, connections / audience.staySeconds)
    return Math.max(0, connections + arrivals - departures)
  }

  #jitter(): number {
    return 1 + jitter * (2 * this.#random() - 1)
  }

  #totalConnections(): number {
    return connectionKinds.reduce((sum, kind) => sum + this.#connections[kind], 0)
  }
}

class RunningThroughput {
  #last = 0
  #max = 0
  #totalBytes = 0

  add(bytes: number): void {
    this.#last = bytes
    this.#max = Math.max(this.#max, bytes)
    this.#totalBytes += bytes
  }

  state(seconds: number): Throughput {
    return { last: this.#last, avg: seconds === 0 ? 0 : this.#totalBytes / seconds, max: this.#max, totalBytes: this.#totalBytes }
  }
}
