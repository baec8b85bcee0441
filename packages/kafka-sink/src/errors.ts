import { type ErrorCode, isPromlineError, PromlineError, toError } from '@promline/core'
import type { SendOutcome } from '@promline/core/delivery'

/** What a failed attempt means: never 'delivered'. */
export type Failure = Exclude<SendOutcome, { readonly status: 'delivered' }>

type Verdict =
  | { readonly kind: 'rejected'; readonly cause: 'too-large' | 'invalid' }
  | { readonly kind: 'blocked'; readonly reason: (topic: string) => string }

const loginRefused: Verdict = { kind: 'blocked', reason: () => 'the broker refused the login: check mechanism, username and password' }

/**
 * Kafka's error codes that time alone does not cure. Everything else, unknown codes included, is retried.
 * https://kafka.apache.org/protocol#protocol_error_codes
 */
const verdicts: Readonly<Record<number, Verdict>> = {
  3: { kind: 'blocked', reason: (topic) => `the topic ${topic} does not exist: create it` }, // UNKNOWN_TOPIC_OR_PARTITION
  10: { kind: 'rejected', cause: 'too-large' }, // MESSAGE_TOO_LARGE
  17: { kind: 'blocked', reason: (topic) => `the broker does not accept ${topic} as the name of a topic` }, // INVALID_TOPIC_EXCEPTION
  18: { kind: 'rejected', cause: 'too-large' }, // RECORD_LIST_TOO_LARGE
  29: { kind: 'blocked', reason: (topic) => `no right to write to the topic ${topic}: grant Describe and Write` }, // TOPIC_AUTHORIZATION_FAILED
  31: { kind: 'blocked', reason: () => 'no right to write idempotently: grant IdempotentWrite on the cluster' }, // CLUSTER_AUTHORIZATION_FAILED
  32: { kind: 'rejected', cause: 'invalid' }, // INVALID_TIMESTAMP: log.message.timestamp.after.max.ms is one hour since Kafka 4
  33: { kind: 'blocked', reason: () => 'the broker does not offer this SASL mechanism' }, // UNSUPPORTED_SASL_MECHANISM
  34: { kind: 'blocked', reason: () => 'the broker does not expect a login on this listener' }, // ILLEGAL_SASL_STATE
  58: loginRefused, // SASL_AUTHENTICATION_FAILED
  87: { kind: 'rejected', cause: 'invalid' }, // INVALID_RECORD: a compacted topic wants keys, for example
}

/** Errors without a code, by name. */
const verdictsByName: Readonly<Record<string, Verdict>> = {
  KafkaJSSASLAuthenticationError: loginRefused,
  KafkaJSServerDoesNotSupportApiKey: { kind: 'blocked', reason: () => 'the broker is too old for this client' },
}

/** Node's and OpenSSL's codes for a peer whose certificate is not accepted, as kafkajs hands them on. */
const refusedCertificate = /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/

/**
 * What an error of kafkajs means. Decided by the codes of the whole chain of causes: kafkajs wraps what it gave up on, and its `retriable`
 * is false for a broker that was away for twelve seconds.
 */
export function classifyKafkaError(thrown: unknown, topic: string): Failure {
  if (isPromlineError(thrown)) return classifyOwnError(thrown)
  const chain = causesOf(thrown)
  const verdict = chain.map(verdictOf).find((found) => found !== undefined)
  const message = `Kafka topic ${topic}: ${describe(chain)}`
  const failed = (code: ErrorCode) => new PromlineError(code, message, { cause: thrown, facts: { topic } })
  if (verdict === undefined) return { status: 'retryable', error: failed(transientCode(chain)) }
  if (verdict.kind === 'blocked') return { status: 'retryable', error: failed('unavailable'), blocked: verdict.reason(topic) }
  const code = verdict.cause === 'too-large' ? 'limit' : 'encode'
  return { status: 'rejected', error: failed(code), cause: verdict.cause, divisible: true }
}

/** promline's own producers and deadline. What cannot be opened, read or found needs a person. */
function classifyOwnError(error: PromlineError): Failure {
  const needsPerson = error.code === 'options' || error.code === 'tls'
  return { status: 'retryable', error, ...(needsPerson && { blocked: error.message }) }
}

function causesOf(thrown: unknown): readonly Error[] {
  const chain: Error[] = []
  for (let error: unknown = thrown; error !== undefined && error !== null; ) {
    const current = toError(error)
    // A chain that leads back to itself must not be walked for ever.
    if (chain.includes(current)) break
    chain.push(current)
    error = current.cause
  }
  return chain
}

function verdictOf(error: Error): Verdict | undefined {
  const code = 'code' in error ? error.code : undefined
  if (typeof code === 'number') return verdicts[code]
  if (typeof code === 'string' && refusedCertificate.test(code)) {
    return { kind: 'blocked', reason: () => `TLS with the broker failed: ${error.message}` }
  }
  return verdictsByName[error.name]
}

function transientCode(chain: readonly Error[]): ErrorCode {
  if (chain.some((error) => error.name === 'KafkaJSRequestTimeoutError')) return 'timeout'
  return chain.some((error) => error.name.startsWith('KafkaJSConnection')) ? 'connect' : 'unavailable'
}

/** The innermost error says most; with the name and number of Kafka's error where it has one. */
function describe(chain: readonly Error[]): string {
  const coded = chain.find(isProtocolError)
  if (coded !== undefined) return `${coded.type} (${coded.code}): ${coded.message}`
  return chain[chain.length - 1]?.message ?? 'unknown error'
}

function isProtocolError(error: Error): error is Error & { readonly type: string; readonly code: number } {
  return 'type' in error && typeof error.type === 'string' && 'code' in error && typeof error.code === 'number'
}
