import { product, round, sum } from '../synthetic/combinations.js'
import type { Expression } from '../synthetic/expression.js'
import { integral, maximum, mean, rate } from '../synthetic/over-time.js'
import { SyntheticRun } from '../synthetic/run.js'
import { population, sine, uniform } from '../synthetic/sources.js'

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

/** A middling server of live streams: most watch over HLS, some over WebRTC; a few machines pull, record and push on. */
const audiences: Readonly<Record<ConnectionKind, { level: number; staySeconds: number; bytesPerSecond: number }>> = {
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
const ingestBytesPerSecond = 4 * 500_000
/** The audience swells and shrinks by half over twenty minutes, so that a chart of an hour shows three waves. */
const swell = sine({ mean: 1, amplitude: 0.5, periodSeconds: 1_200 })

/** A stream's rate differs from its mean by a tenth at most, from one second to the next. */
function jitter(name: string): Expression {
  return uniform({ name, min: 0.9, max: 1.1 })
}

/** Whoever is connected by this kind. */
function audience(kind: ConnectionKind): Expression {
  const { level, staySeconds } = audiences[kind]
  return population({ name: kind, start: level, level: product(swell, level), staySeconds })
}

const connections: Readonly<Record<ConnectionKind, Expression>> = {
  file: audience('file'),
  hlsv3: audience('hlsv3'),
  llhls: audience('llhls'),
  ovt: audience('ovt'),
  push: audience('push'),
  srt: audience('srt'),
  thumbnail: audience('thumbnail'),
  webrtc: audience('webrtc'),
}
const totalConnections = sum(...Object.values(connections))
const bytesOutPerSecond = sum(...connectionKinds.map((kind) => product(connections[kind], audiences[kind].bytesPerSecond, jitter(kind))))

type ThroughputExpressions = Readonly<Record<keyof Throughput, Expression>>

/** One direction, from what flows in a second. */
function throughput(bytesPerSecond: Expression): ThroughputExpressions {
  const totalBytes = integral(round(bytesPerSecond))
  const last = rate(totalBytes)
  return { last, avg: mean(last), max: maximum(last), totalBytes }
}

const maxTotalConnections = maximum(totalConnections)
const incoming = throughput(product(ingestBytesPerSecond, jitter('ingest')))
const outgoing = throughput(bytesOutPerSecond)

/** A made-up streaming server that lives in steps of a second: its state is a function of the seed and the number of steps alone. */
export class StreamingServerSimulation {
  readonly #run: SyntheticRun

  constructor(seed: number) {
    const expressions = [maxTotalConnections, ...Object.values(incoming), ...Object.values(outgoing)]
    this.#run = new SyntheticRun({ seed, stepSeconds: stepMs / 1000, expressions })
  }

  /** Steps since the beginning. */
  get steps(): number {
    return this.#run.steps
  }

  /** How many expressions a step evaluates. */
  get size(): number {
    return this.#run.size
  }

  /** Lives through one second. */
  step(): void {
    this.#run.step()
  }

  state(): StreamingServerState {
    const value = (expression: Expression): number => this.#run.value(expression)
    const throughputOf = ({ last, avg, max, totalBytes }: ThroughputExpressions): Throughput => {
      return { last: value(last), avg: value(avg), max: value(max), totalBytes: value(totalBytes) }
    }
    return {
      connections: {
        file: value(connections.file),
        hlsv3: value(connections.hlsv3),
        llhls: value(connections.llhls),
        ovt: value(connections.ovt),
        push: value(connections.push),
        srt: value(connections.srt),
        thumbnail: value(connections.thumbnail),
        webrtc: value(connections.webrtc),
      },
      totalConnections: value(totalConnections),
      maxTotalConnections: value(maxTotalConnections),
      in: throughputOf(incoming),
      out: throughputOf(outgoing),
    }
  }
}
