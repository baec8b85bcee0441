import { PromlineError } from '@promline/core'
import kafkajs from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { classifyKafkaError } from './errors.js'

/** A protocol error as kafkajs makes it of a broker's error code. */
function protocolError(code: number, type: string): Error {
  return new kafkajs.KafkaJSProtocolError(Object.assign(new Error(`about ${type}`), { code, type, retriable: false }))
}

/** As kafkajs rejects when its own retries are used up. */
function retriesExceeded(cause: Error): Error {
  return new kafkajs.KafkaJSNumberOfRetriesExceeded(cause, { retryCount: 2, retryTime: 400 })
}

/** As kafkajs rejects when it does not want to try again. */
function nonRetriable(cause: Error): Error {
  return Object.assign(new kafkajs.KafkaJSNonRetriableError(cause), { cause })
}

function connectionError(message: string, code?: string): Error {
  return Object.assign(new kafkajs.KafkaJSConnectionError(message), { code })
}

describe('classifyKafkaError()', () => {
  it.each([
    [10, 'MESSAGE_TOO_LARGE', 'too-large'],
    [18, 'RECORD_LIST_TOO_LARGE', 'too-large'],
    [32, 'INVALID_TIMESTAMP', 'invalid'],
    [87, 'INVALID_RECORD', 'invalid'],
  ])('%i %s: the records are refused', (code, type, cause) => {
    for (const error of [protocolError(code, type), nonRetriable(protocolError(code, type))]) {
      expect(classifyKafkaError(error, 'metrics')).toMatchObject({
        status: 'rejected',
        cause,
        divisible: true,
        error: { code: cause === 'invalid' ? 'encode' : 'limit', message: `Kafka topic metrics: ${type} (${code}): about ${type}` },
      })
    }
  })

  it.each([
    [3, 'UNKNOWN_TOPIC_OR_PARTITION', 'the topic metrics does not exist: create it'],
    [17, 'INVALID_TOPIC_EXCEPTION', 'the broker does not accept metrics as the name of a topic'],
    [29, 'TOPIC_AUTHORIZATION_FAILED', 'no right to write to the topic metrics: grant Describe and Write'],
    [31, 'CLUSTER_AUTHORIZATION_FAILED', 'no right to write idempotently: grant IdempotentWrite on the cluster'],
    [33, 'UNSUPPORTED_SASL_MECHANISM', 'the broker does not offer this SASL mechanism'],
    [34, 'ILLEGAL_SASL_STATE', 'the broker does not expect a login on this listener'],
    [58, 'SASL_AUTHENTICATION_FAILED', 'the broker refused the login: check mechanism, username and password'],
  ])('%i %s: a person is needed', (code, type, blocked) => {
    for (const error of [protocolError(code, type), retriesExceeded(protocolError(code, type)), nonRetriable(protocolError(code, type))]) {
      const failure = classifyKafkaError(error, 'metrics')
      expect(failure).toMatchObject({ status: 'retryable', blocked, error: { code: 'unavailable' } })
      expect(failure.error.message).toBe(`Kafka topic metrics: ${type} (${code}): about ${type}`)
      expect(failure.error.cause).toBe(error)
    }
  })

  it.each([
    [-1, 'UNKNOWN'],
    [2, 'CORRUPT_MESSAGE'],
    [5, 'LEADER_NOT_AVAILABLE'],
    [6, 'NOT_LEADER_FOR_PARTITION'],
    [7, 'REQUEST_TIMED_OUT'],
    [19, 'NOT_ENOUGH_REPLICAS'],
    [20, 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'],
    [45, 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    [46, 'DUPLICATE_SEQUENCE_NUMBER'],
    [47, 'INVALID_PRODUCER_EPOCH'],
    [56, 'KAFKA_STORAGE_ERROR'],
    [59, 'UNKNOWN_PRODUCER_ID'],
    [89, 'KAFKAJS_UNKNOWN_ERROR_CODE'],
    [999, 'KAFKAJS_UNKNOWN_ERROR_CODE'],
  ])('%i %s: time cures it', (code, type) => {
    for (const error of [protocolError(code, type), retriesExceeded(protocolError(code, type)), nonRetriable(protocolError(code, type))]) {
      const failure = classifyKafkaError(error, 'metrics')
      expect(failure).toMatchObject({ status: 'retryable', error: { code: 'unavailable' } })
      expect(failure).not.toHaveProperty('blocked')
      expect(failure).not.toHaveProperty('reencode')
    }
  })

  it.each([
    {
      what: 'a broker that is away: not retriable, says kafkajs',
      thrown: nonRetriable(connectionError('Connection error: connect ECONNREFUSED 127.0.0.1:9092', 'ECONNREFUSED')),
      code: 'connect',
      message: 'Connection error: connect ECONNREFUSED 127.0.0.1:9092',
    },
    {
      what: 'a closed connection',
      thrown: Object.assign(connectionError('Closed connection'), { name: 'KafkaJSConnectionClosedError' }),
      code: 'connect',
      message: 'Closed connection',
    },
    {
      what: 'no answer in time',
      thrown: retriesExceeded(new kafkajs.KafkaJSRequestTimeoutError('Request Produce(key: 0, version: 7) timed out')),
      code: 'timeout',
      message: 'Request Produce(key: 0, version: 7) timed out',
    },
    { what: 'a bug of the client', thrown: new TypeError('x is not a function'), code: 'unavailable', message: 'x is not a function' },
    { what: 'what is no error at all', thrown: 'oops', code: 'unavailable', message: 'oops' },
  ])('$what: retried', ({ thrown, code, message }) => {
    const failure = classifyKafkaError(thrown, 'metrics')
    expect(failure).toMatchObject({ status: 'retryable', error: { code, message: `Kafka topic metrics: ${message}` } })
    expect(failure).not.toHaveProperty('blocked')
  })

  it('knows a refused login that has no code', () => {
    const error = Object.assign(new kafkajs.KafkaJSNonRetriableError('SASL PLAIN authentication failed'), {
      name: 'KafkaJSSASLAuthenticationError',
    })
    expect(classifyKafkaError(error, 'metrics')).toMatchObject({
      status: 'retryable',
      blocked: 'the broker refused the login: check mechanism, username and password',
    })
  })

  it.each(['DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'])(
    'a certificate that is refused (%s) needs a person',
    (code) => {
      const failure = classifyKafkaError(nonRetriable(connectionError('Connection error: bad certificate', code)), 'metrics')
      expect(failure).toMatchObject({ status: 'retryable', blocked: 'TLS with the broker failed: Connection error: bad certificate' })
    },
  )

  it("hands promline's own errors on", () => {
    const full = new PromlineError('disk-full', 'x: the disk is full')
    expect(classifyKafkaError(full, 'metrics')).toEqual({ status: 'retryable', error: full })
    const missing = new PromlineError('options', 'kafkajs is not installed: npm install kafkajs')
    expect(classifyKafkaError(missing, 'metrics')).toEqual({ status: 'retryable', error: missing, blocked: missing.message })
  })

  it('ends at a chain of causes that leads back to itself', () => {
    const error = new Error('round')
    error.cause = error
    expect(classifyKafkaError(error, 'metrics')).toMatchObject({ status: 'retryable', error: { message: 'Kafka topic metrics: round' } })
  })
})
