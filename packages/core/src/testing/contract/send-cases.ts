import type { Encoded, SendOutcome } from '../../delivery/sink.js'
import { totalOf } from '../../model/batch.js'
import { type Bench, benchCase, expectDelivered, expectRetryable, outcomeText, sameBody } from './bench.js'
import type { CaseDefinition } from './case.js'
import { broken, check, checkSameSamples, sampleText, within } from './check.js'
import { Material } from './material.js'
import { aWhile, HeldAnswers, type JudgedRequest } from './scripted-destination.js'

/** What the suite's fakes ask for in a Retry-After: whole seconds, as HTTP has them. */
const askedMs = 2_000
/** Delivery takes an attempt for failed so long after its signal aborted. */
const abortGraceMs = 1_000

/** What sinks promise of `prepare` and `send`. */
export const sendCases: readonly CaseDefinition[] = [
  benchCase('prepare: ends where its signal had aborted before, and works when it is made again', async (bench) => {
    const { sink } = bench
    const aborted = AbortSignal.abort(new Error('the suite aborted this attempt'))
    await within(abortGraceMs, 'prepare(), whose signal had aborted before,', settle(sink.prepare?.({ signal: aborted })))
    await bench.prepare()
    await bench.deliver('a batch after a second preparation', [new Material().scrape(5)])
  }),
  benchCase('send: what is delivered arrives once, unaltered', async (bench) => {
    await bench.deliver('one batch', [new Material().scrape(20)])
  }),
  benchCase('send: resolves when the destination has answered, and not before', async (bench) => {
    const held = new HeldAnswers()
    bench.destination.judge = held.judge
    const sending = bench.send(one(bench))
    const settled = watchSettled(sending)
    await bench.until(() => held.waiting > 0 || settled.isSettled, 'the request')
    await aWhile()
    check(!settled.isSettled, 'send() resolved while the destination had not answered')
    bench.destination.heal()
    held.answerAll()
    expectDelivered(await sending)
  }),
  benchCase(
    'send: a failure that passes is retryable, and the next attempt brings the same bytes',
    async (bench) => {
      bench.destination.answer({ status: 'retryable' })
      await checkRetried(bench, 'a failure that passes')
    },
    ['retryable'],
  ),
  benchCase(
    'send: an answer that was lost is retryable, and the next attempt brings the same bytes',
    async (bench) => {
      bench.destination.answer({ status: 'lost' })
      await checkRetried(bench, 'a connection that broke before the answer')
    },
    ['lost'],
  ),
  benchCase(
    'send: Retry-After is handed on',
    async (bench) => {
      bench.destination.answer({ status: 'retryable', retryAfterMs: askedMs })
      const { retryAfterMs } = expectRetryable(await bench.send(one(bench)), 'a Retry-After')
      check(retryAfterMs === askedMs, `the destination asked to be left alone for ${askedMs} ms, and retryAfterMs is ${retryAfterMs}`)
    },
    ['retry-after'],
  ),
  benchCase(
    'send: a refusal for good is told as one',
    async (bench) => {
      bench.destination.judge = () => ({ status: 'rejected' })
      const encoded = one(bench)
      const outcome = await bench.send(encoded)
      check(
        refusedCount(outcome, encoded) === totalOf(encoded.counts),
        `the destination refused it all, and send() says ${outcomeText(outcome)}`,
      )
      bench.destination.heal()
      await bench.deliver('a batch after one that was refused', [new Material().scrape(5)])
    },
    ['rejected'],
  ),
  benchCase(
    'send: what was refused of a request is counted as rejected, the rest as delivered',
    async (bench) => {
      bench.destination.judge = ({ samples }) => ({ status: 'partial', refused: samples.slice(0, 1) })
      const outcome = await bench.send(one(bench))
      const rejected = outcome.status === 'delivered' ? outcome.rejected : undefined
      check(rejected?.counts.samples === 1, `the destination refused one sample, and send() says ${outcomeText(outcome)}`)
      check(rejected?.reason !== '' && rejected?.message !== '', 'what was rejected has no reason or no message')
    },
    ['partial'],
  ),
  benchCase(
    'send: what a person has to mend is blocked, in words',
    async (bench) => {
      bench.destination.answer({ status: 'blocked' })
      const { blocked = '' } = expectRetryable(await bench.send(one(bench)), 'a refusal that a person has to mend')
      check(blocked !== '', 'after a refusal that a person has to mend, the outcome does not say that it is blocked, and why')
    },
    ['blocked'],
  ),
  benchCase(
    'send: ends soon after its signal aborts, and the next one works',
    async (bench) => {
      bench.destination.judge = () => ({ status: 'hang' })
      const stop = new AbortController()
      const encoded = one(bench)
      const sending = settle(bench.sink.send(encoded.body, { signal: stop.signal, attempt: 0 }))
      await bench.untilUnanswered()
      stop.abort(new Error('the suite aborted this attempt'))
      const outcome = await within(abortGraceMs, 'send(), after its signal aborted,', sending)
      check(outcome?.status !== 'delivered' && outcome?.status !== 'rejected', () => `an aborted attempt came to ${outcome?.status}`)
      bench.destination.heal()
      const hung = bench.destination.requests.splice(0)
      expectDelivered(await bench.send(encoded, { attempt: 1 }))
      checkSameRequests(hung, bench.destination.requests)
    },
    ['hang'],
  ),
  benchCase('send: ends where its signal had aborted before', async (bench) => {
    const signal = AbortSignal.abort(new Error('the suite aborted this attempt'))
    const encoded = one(bench)
    const outcome = await within(
      abortGraceMs,
      'send(), whose signal had aborted before,',
      settle(bench.sink.send(encoded.body, { signal, attempt: 0 })),
    )
    check(outcome?.status !== 'rejected', 'an attempt that was aborted before it began came to rejected: its samples would be given up')
  }),
  benchCase('send: several under way have each the answer to its own request', checkConcurrency, ['concurrency', 'retryable']),
]

/** The first part of an ordinary batch. */
function one(bench: Bench): Encoded<unknown> {
  return bench.encodeOne([new Material().scrape(20)])
}

/** A throw is an outcome as well: undefined. */
async function settle(attempt: Promise<SendOutcome> | undefined): Promise<SendOutcome | undefined> {
  return attempt?.catch(() => undefined)
}

function watchSettled(work: Promise<unknown>): { readonly isSettled: boolean } {
  const watch = { isSettled: false }
  const note = (): void => {
    watch.isSettled = true
  }
  work.then(note, note)
  return watch
}

async function checkRetried(bench: Bench, after: string): Promise<void> {
  const encoded = one(bench)
  const outcome = expectRetryable(await bench.send(encoded), after)
  check(outcome.blocked === undefined, `after ${after} the outcome says that a person is needed: ${outcome.blocked}`)
  const failed = bench.destination.requests.splice(0)
  check(failed.length === 1, `one attempt brought ${failed.length} requests: to try again is for delivery`)
  expectDelivered(await bench.send(encoded, { attempt: 1 }))
  checkSameRequests(failed, bench.destination.requests.slice(0, failed.length))
  check(
    bench.destination.stored.length >= encoded.counts.samples,
    `${encoded.counts.samples} samples were to be sent again, and ${bench.destination.stored.length} are stored`,
  )
}

function checkSameRequests(failed: readonly JudgedRequest[], again: readonly JudgedRequest[]): void {
  failed.forEach((request, i) => {
    const other = again[i]
    if (other === undefined) throw broken('nothing came with the second attempt')
    checkSameSamples('the second attempt with a body', other.samples, request.samples)
    check(sameBody(request.bytes, other.bytes), 'the second attempt with a body brought other bytes')
  })
}

function refusedCount(outcome: SendOutcome, encoded: Encoded<unknown>): number {
  if (outcome.status === 'rejected' && outcome.cause === 'invalid') return totalOf(encoded.counts)
  return outcome.status === 'delivered' && outcome.rejected !== undefined ? totalOf(outcome.rejected.counts) : 0
}

/** Two requests wait; the later one is answered first, and the earlier one fails. */
async function checkConcurrency(bench: Bench): Promise<void> {
  check(bench.sink.maxInFlight !== 1, 'maxInFlight is 1: say in `lacks.concurrency` why')
  const held = new HeldAnswers()
  const scrapes = new Material()
  const [first, second] = ['a', 'b'].map((id) => bench.encodeOne([scrapes.scrape(5, { id })]))
  if (first === undefined || second === undefined) throw broken('encode() made nothing of ordinary samples')
  bench.destination.judge = held.judge
  const sendingFirst = bench.send(first)
  await bench.until(() => held.waiting === 1, 'the first request')
  const sendingSecond = bench.send(second)
  await bench.until(() => held.waiting === 2, 'the second request, while the first waits for its answer,')
  held.answerLast()
  expectDelivered(await sendingSecond)
  held.answerLast({ status: 'retryable' })
  expectRetryable(await sendingFirst, 'a failure of the other of two requests')
  const arrived = bench.destination.stored.map(sampleText)
  check(arrived.length === second.counts.samples, `one of two requests was stored, and ${arrived.length} samples are`)
}
