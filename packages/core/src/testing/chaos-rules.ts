import { PromlineError } from '../model/errors.js'

/** One way through a connection: `request` is what the client sends, `response` what the target sends. */
export type ChaosWay = 'request' | 'response'

/** What a chaos proxy does to connections. Nothing set: it forwards bytes. Rules may be combined. */
export interface ChaosRules {
  /** Every byte comes so many milliseconds later, in order. */
  readonly latencyMs?: number
  /** Up to so many milliseconds more, drawn anew for every read; order is kept. */
  readonly jitterMs?: number
  /** The line's rate, for each connection and each way. */
  readonly bytesPerSecond?: number
  /** The rate is that of all connections together, still for each way: one line that they share. */
  readonly sharedLine?: boolean
  /**
   * Both ends of the connection are closed when so many bytes have gone through since these rules, or the connection, began; exactly so
   * many arrive. Without a `direction`: bytes of the request.
   */
  readonly cutAfterBytes?: number
  /** In every so many bytes one bit, at a random place, is flipped. */
  readonly corrupt?: number
  /**
   * Connections are accepted, and that is all: nothing is forwarded, answered, closed or reset. What is sent meanwhile is lost for good; so
   * a connection that lost something is reset when the rule ends, and never goes on with a hole. With a `direction` the other way works.
   */
  readonly blackhole?: boolean
  /** The target gets the request; the first byte of its answer cuts the connection and is lost. */
  readonly dropResponses?: boolean
  /** Open connections are reset now, new ones as soon as they are accepted. */
  readonly reset?: boolean
  /** Nothing listens: new connections are refused, open ones go on. With `reset` it is a process that died. */
  readonly refuse?: boolean
  /** Where latency, rate, cut, corruption and blackhole hold. Default `both`. */
  readonly direction?: ChaosWay | 'both'
}

/** The rules of one way of a connection. */
export interface WayRules {
  readonly latencyMs: number
  readonly jitterMs: number
  readonly bytesPerSecond: number
  readonly sharedLine: boolean
  readonly cutAfterBytes: number
  /** 0: none. */
  readonly corrupt: number
  readonly blackhole: boolean
}

const openWay: WayRules = {
  latencyMs: 0,
  jitterMs: 0,
  bytesPerSecond: Infinity,
  sharedLine: false,
  cutAfterBytes: Infinity,
  corrupt: 0,
  blackhole: false,
}

/** What rules mean for one way. */
export function wayRules(rules: ChaosRules, way: ChaosWay): WayRules {
  // A lost response is one that is cut before its first byte.
  const lost = rules.dropResponses === true && way === 'response' ? { cutAfterBytes: 0 } : {}
  if (rules.direction !== undefined && rules.direction !== 'both' && rules.direction !== way) return { ...openWay, ...lost }
  const cuts = rules.direction !== undefined || way === 'request'
  return {
    latencyMs: rules.latencyMs ?? openWay.latencyMs,
    jitterMs: rules.jitterMs ?? openWay.jitterMs,
    bytesPerSecond: rules.bytesPerSecond ?? openWay.bytesPerSecond,
    sharedLine: rules.sharedLine ?? openWay.sharedLine,
    cutAfterBytes: (cuts ? rules.cutAfterBytes : undefined) ?? openWay.cutAfterBytes,
    corrupt: rules.corrupt ?? openWay.corrupt,
    blackhole: rules.blackhole ?? openWay.blackhole,
    ...lost,
  }
}

/** Throws for a number that no line can have. */
export function assertChaosRules(rules: ChaosRules): void {
  assertAtLeast('latencyMs', rules.latencyMs, 0)
  assertAtLeast('jitterMs', rules.jitterMs, 0)
  assertAtLeast('bytesPerSecond', rules.bytesPerSecond, 1)
  assertAtLeast('cutAfterBytes', rules.cutAfterBytes, 0)
  assertAtLeast('corrupt', rules.corrupt, 1)
}

function assertAtLeast(name: string, value: number | undefined, least: number): void {
  if (value === undefined || value >= least) return
  throw new PromlineError('options', `chaos rule ${name} must be at least ${least}, not ${value}`, { facts: { name, value, least } })
}
