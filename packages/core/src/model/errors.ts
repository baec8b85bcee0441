/** What went wrong, as a closed list: branch on this, never on a message. */
export type ErrorCode =
  | 'labels' // a label set that cannot exist: duplicate name, lone surrogate
  | 'options' // an option out of range or of the wrong kind
  | 'config' // a configuration file that cannot be used
  | 'parse' // text that is not what its format says
  | 'decode' // bytes that are not what their format says
  | 'encode' // a batch that a format cannot carry
  | 'relabel' // a relabel rule that cannot be compiled
  | 'limit' // something from outside that is larger than its limit
  | 'timeout' // a deadline that passed
  | 'connect' // a peer that could not be reached, or went away
  | 'tls' // a peer whose identity or protocol was refused
  | 'status' // an HTTP answer that is not a success
  | 'protocol' // a peer that breaks its own protocol
  | 'address' // a port in use or an address that cannot be listened on
  | 'spool-full' // the disk or the spool's cap is full
  | 'spool-locked' // another process owns the folder
  | 'spool-io' // the disk refused a read or a write
  | 'disk-full' // no room for a file that a sink writes
  | 'disk-io' // the disk refused a file that a sink writes
  | 'unavailable' // not now: try again later
  | 'closed' // used after close
  | 'contract' // a sink, or another part that was given, that does not keep what its contract promises

export interface ErrorOptionsWithFacts {
  readonly cause?: unknown
  /** What the message speaks of, for programs: the limit, the offset, the address. */
  readonly facts?: Readonly<Record<string, string | number | boolean>>
}

/** The one error class of promline. `code` says what kind of thing went wrong, `facts` hold the numbers and names of the message. */
export class PromlineError extends Error {
  readonly code: ErrorCode
  readonly facts: Readonly<Record<string, string | number | boolean>>

  constructor(code: ErrorCode, message: string, options: ErrorOptionsWithFacts = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'PromlineError'
    this.code = code
    this.facts = options.facts ?? {}
  }
}

/** True for an error of promline; works across two copies of the package. */
export function isPromlineError(error: unknown, code?: ErrorCode): error is PromlineError {
  if (!(error instanceof Error) || error.name !== 'PromlineError' || !('code' in error)) return false
  return code === undefined || error.code === code
}

/** Whatever was thrown, as an Error. */
export function toError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown
  try {
    return new Error(String(thrown))
  } catch {
    return new Error('something was thrown that has no text')
  }
}

/** The code of an error of the system or of Node: `ENOSPC`, `EIO`, `ERR_TLS_CERT_ALTNAME_INVALID`; undefined for an error without one. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
