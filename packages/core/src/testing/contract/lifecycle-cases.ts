import { type Bench, benchCase, carriedOf } from './bench.js'
import type { CaseContext, CaseDefinition } from './case.js'
import { check, sampleText, within } from './check.js'
import { Material, samplesOfBatches } from './material.js'
import type { DestinationAnswer } from './subject.js'
import { pipelineCase, type World } from './world.js'

/** Samples of a batch in the case about a restart: as many as one request holds, so that what is in flight is whole batches. */
const batchSamples = 5

/** What sinks promise of their end, and of a beginning after it. */
export const lifecycleCases: readonly CaseDefinition[] = [
  benchCase('close: ends, and a second one does no harm', async (bench) => {
    await bench.deliver('one batch', [new Material().scrape(5)])
    await bench.closeSink()
    await again(bench)
  }),
  benchCase('close: ends where nothing was ever sent', async (bench) => {
    await bench.closeSink()
    await again(bench)
  }),
  benchCase(
    'close: ends after an attempt that was aborted',
    async (bench) => {
      bench.destination.judge = () => ({ status: 'hang' })
      const stop = new AbortController()
      const { body } = bench.encodeOne([new Material().scrape(5)])
      const sending = bench.sink.send(body, { signal: stop.signal, attempt: 0 }).catch(() => {})
      await bench.untilUnanswered()
      stop.abort(new Error('the suite aborted this attempt'))
      await bench.closeSink()
      await within(bench.context.patienceMs, 'send(), after close(),', sending)
    },
    ['hang'],
  ),
  pipelineCase('restart: what was not settled is sent by the next one, and nothing else', checkRestart),
]

async function again({ sink, context }: Bench): Promise<void> {
  await within(context.patienceMs, 'a second close()', Promise.resolve(sink.close?.()))
}

/** The pipeline closes while the destination does not answer any more; the next one goes on from the spool. */
async function checkRestart(world: World, context: CaseContext): Promise<void> {
  const { lacks } = context.subject
  const stuck = (['hang', 'retryable', 'blocked'] as const).find((ability) => lacks?.[ability] === undefined) ?? 'delivered'
  let requests = 0
  world.destination.judge = (): DestinationAnswer => ({ status: requests++ < 4 ? 'delivered' : stuck })
  const delivery = { lanes: 4, maxSamplesPerSend: batchSamples }
  await world.open({ delivery })
  const scrapes = new Material()
  for (let round = 0; round < 4; round++) {
    for (const id of ['a', 'b', 'c', 'd']) await world.write(scrapes.scrape(batchSamples, { id }))
  }
  await world.until(() => requests > 4, 'a request')
  await world.close({ deadlineMs: 1_000 })
  const stored = new Set(world.destination.stored.map(sampleText))
  // Of a batch that was settled in part the whole is sent once more.
  const unsettled = world.written
    .map((batch) => carriedOf(context, samplesOfBatches([batch])))
    .filter((samples) => !samples.every((sample) => stored.has(sampleText(sample))))
  const repeatable = new Set(unsettled.flat().map(sampleText))
  check(stuck === 'delivered' || repeatable.size > 0, 'the pipeline did not close before everything was delivered')
  world.destination.heal()
  await world.open({ delivery })
  await world.settle({ mayRepeat: (sample) => repeatable.has(sampleText(sample)) })
}
