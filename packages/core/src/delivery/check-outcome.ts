import { PromlineError, toError } from '../model/errors.js'
import { describeValue } from './describe-value.js'
import type { SendOutcome } from './sink.js'

/**
 * What an attempt resolved with, where it is an outcome; else that it is none, as `retryable`: nobody knows then what came of the attempt,
 * and a sink that a plain JavaScript program brings may answer anything. `what` is asked for the message only: `sink "s", part:`.
 */
export function checkOutcome(outcome: SendOutcome, what: () => string): SendOutcome {
  const fault = faultOf(outcome)
  return fault === undefined ? outcome : { status: 'retryable', error: new PromlineError('contract', `${what()} ${fault}`) }
}

function faultOf(outcome: unknown): string | undefined {
  try {
    return outcomeFault(outcome)
  } catch (thrown) {
    return `answered what cannot be read: ${toError(thrown).message}`
  }
}

function outcomeFault(outcome: unknown): string | undefined {
  if (!isObject(outcome)) return `answered ${describeValue(outcome)}, and not an outcome`
  const { status } = outcome
  if (status === 'delivered') return outcome['rejected'] === undefined ? undefined : rejectedFault(outcome['rejected'])
  if (status === 'retryable') return errorFault(outcome) ?? blockedFault(outcome['blocked'])
  if (status === 'rejected') return errorFault(outcome) ?? causeFault(outcome['cause'])
  return `answered with the status ${describeValue(status)}, and not delivered, retryable or rejected`
}

function rejectedFault(rejected: unknown): string | undefined {
  if (!isObject(rejected)) return `answered "delivered" where rejected is ${describeValue(rejected)}`
  const { counts, batches } = rejected
  if (!isObject(counts)) return `answered "delivered" where rejected.counts is ${describeValue(counts)}`
  if (batches !== undefined && !Array.isArray(batches)) return `answered "delivered" where rejected.batches is ${describeValue(batches)}`
  return undefined
}

/** An error of another realm (a test runner's, a worker's) is one as well: what is needed of it is its message. */
function errorFault({ status, error }: Readonly<Record<string, unknown>>): string | undefined {
  const isError = isObject(error) && typeof error['message'] === 'string'
  return isError ? undefined : `answered ${describeValue(status)} where error is ${describeValue(error)}`
}

function blockedFault(blocked: unknown): string | undefined {
  return blocked === undefined || typeof blocked === 'string'
    ? undefined
    : `answered "retryable" where blocked is ${describeValue(blocked)}`
}

function causeFault(cause: unknown): string | undefined {
  if (cause === 'too-large' || cause === 'invalid') return undefined
  return `answered "rejected" where cause is ${describeValue(cause)}, and not too-large or invalid`
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
