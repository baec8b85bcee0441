import { type Batch, totalOf, zeroCounts } from '../../model/batch.js'
import { samplesOf } from '../../model/samples.js'
import type { CaseContext, CaseDefinition } from './case.js'
import { check, sampleText, seriesText, splitRepeats } from './check.js'
import { Material } from './material.js'
import type { DestinationAnswer, ReceivedSample } from './subject.js'
import { pipelineCase, type World } from './world.js'

/** The sample that is the trouble; whole numbers from 0 are the values of what is written. */
const troubled = 14
/** Samples that the destination of the case about size takes at once. */
const maxTaken = 7

/** What comes of a sink's outcomes in a pipeline. */
export const deliveryCases: readonly CaseDefinition[] = [
  pipelineCase('delivery: what is refused costs no other origin anything, and goes to the dead letter', checkRejection, ['rejected']),
  pipelineCase(
    'delivery: a request that is too large is sent in smaller ones',
    async (world) => {
      world.destination.judge = ({ samples }) => ({ status: samples.length > maxTaken ? 'too-large' : 'delivered' })
      await world.open()
      await world.write(new Material().scrape(40))
      await world.settle()
      check(world.letters.length === 0, 'samples were given up where smaller requests would have been taken')
    },
    ['too-large'],
  ),
  pipelineCase(
    'delivery: one sample that is too large by itself is given up alone',
    async (world) => {
      world.destination.judge = ({ samples }) => ({ status: samples.some(isTroubled) ? 'too-large' : 'delivered' })
      await world.open()
      await world.write(new Material().scrape(40))
      await world.settle()
      checkLetters(world, { reason: 'too-large', count: 1 })
    },
    ['too-large'],
  ),
  pipelineCase('delivery: a part that fails does not hold up the others, nor send them again', checkParts, ['parts', 'retryable']),
  pipelineCase(
    'delivery: blocked keeps the data and says why, and goes on when it is mended',
    async (world) => {
      world.destination.judge = () => ({ status: 'blocked' })
      await world.open()
      await world.write(new Material().scrape(20))
      const status = (): ReturnType<World['pipeline']['status']>['sinks'][number] | undefined => world.pipeline.status().sinks[0]
      await world.until(() => status()?.state === 'blocked' && world.destination.requests.length > 1, 'a second attempt of a blocked sink')
      check(status()?.reason !== undefined, 'a blocked sink does not say why')
      check(totalOf(world.accounts.rejected['invalid'] ?? zeroCounts) === 0, 'a blocked sink gave samples up')
      world.destination.heal()
      await world.settle()
    },
    ['blocked'],
  ),
  pipelineCase('delivery: an encode that throws for one sample costs that sample alone', async (world) => {
    await world.open({
      encode: (batches, encode) => {
        if (batches.some((batch) => [...samplesOf(batch)].some(({ value }) => value === troubled)))
          throw new Error('the suite lets encode throw')
        return encode(batches)
      },
    })
    const scrapes = new Material()
    for (const id of ['a', 'b', 'c']) await world.write(scrapes.scrape(10, { id }))
    await world.settle()
    checkLetters(world, { reason: 'invalid', count: 1 })
  }),
  pipelineCase(
    'delivery: failures in any order lose nothing, repeat nothing, keep each series in order, and the accounts balance at every moment',
    checkOrder,
  ),
  pipelineCase('delivery: a flush that races others and writes waits for what was written before it', checkFlushes),
  pipelineCase('delivery: several tenants and none', async (world) => {
    await world.open()
    const scrapes = new Material()
    for (const tenant of ['x', 'y', undefined, 'x', 'z'])
      await world.write(scrapes.scrape(4, { id: `of ${tenant}`, ...(tenant !== undefined && { tenant }) }))
    await world.settle()
  }),
]

function isTroubled({ value }: ReceivedSample): boolean {
  return value === troubled
}

function checkLetters({ letters }: World, want: { readonly reason: string; readonly count: number }): void {
  const samples = letters.flatMap((letter) => letter.samples)
  check(samples.length === want.count, `${samples.length} samples were given up, where ${want.count} should be`)
  check(samples.some(isTroubled), 'the sample that was the trouble was not given up')
  const other = letters.find(({ reason }) => reason !== want.reason)
  check(other === undefined, () => `samples were given up for the reason ${other?.reason}, not ${want.reason}`)
}

async function checkRejection(world: World, { subject }: CaseContext): Promise<void> {
  world.destination.judge = ({ samples }) => ({ status: samples.some(isTroubled) ? 'rejected' : 'delivered' })
  await world.open({ delivery: { lanes: 1 } })
  const scrapes = new Material()
  for (const id of ['a', 'b', 'c']) await world.write(scrapes.scrape(10, { id }))
  await world.settle()
  const refused = world.letters.flatMap(({ samples }) => samples)
  check(refused.some(isTroubled), 'the sample that was refused is not in the dead letter')
  const stranger = world.letters.find(({ origin }) => origin !== 'b')
  check(stranger === undefined, () => `samples of origin ${stranger?.origin} were given up for one of origin b`)
  if (subject.divisible === true) check(refused.length === 1, `${refused.length} samples were given up where one was refused`)
  else check(refused.length > 1, 'the sink divides what was refused: say so with `divisible: true`')
}

/** All requests with a sample of the first one fail. */
async function checkParts(world: World): Promise<void> {
  const victims = new Set<string>()
  let failures = 0
  world.destination.judge = ({ samples }): DestinationAnswer => {
    if (victims.size === 0) for (const sample of samples) victims.add(sampleText(sample))
    const isVictim = samples.some((sample) => victims.has(sampleText(sample)))
    if (isVictim) failures++
    return { status: isVictim ? 'retryable' : 'delivered' }
  }
  await world.open()
  await world.write(new Material().scrape(200))
  await world.until(() => failures >= 3, 'a third attempt with the part that fails')
  const { stored } = world.destination
  check(victims.size < 200, 'all samples came in one part: say in `lacks.parts` why')
  check(stored.length === 200 - victims.size, `one part fails, and ${stored.length} of the other ${200 - victims.size} samples are stored`)
  world.destination.heal()
  await world.settle()
}

/** The failures that a destination can show, one after the other, over many rounds. */
async function checkOrder(world: World, { subject }: CaseContext): Promise<void> {
  const failures = (['retryable', 'lost', 'blocked'] as const).filter((ability) => subject.lacks?.[ability] === undefined)
  const lost = new Set<string>()
  let requests = 0
  world.destination.judge = ({ samples }) => {
    // Two good answers after each bad one: with several in flight the bad ones meet all kinds of requests.
    const status = requests++ % 3 === 0 ? failures[((requests / 3) % failures.length) | 0] : undefined
    if (status === 'lost') for (const sample of samples) lost.add(sampleText(sample))
    return { status: status ?? 'delivered' }
  }
  await world.open({ delivery: { lanes: 4, maxSamplesPerSend: 12 } })
  const scrapes = new Material()
  for (let round = 0; round < 8; round++) {
    for (const id of ['a', 'b', 'c', 'd', 'e']) await world.write(scrapes.scrape(6, { id }))
  }
  await world.settle({ mayRepeat: (sample) => lost.has(sampleText(sample)) })
  const last = new Map<string, number>()
  for (const sample of splitRepeats(world.destination.stored)[0]) {
    const series = seriesText(sample)
    const before = last.get(series) ?? -1
    check(before < sample.value, `a series is out of order: ${sample.value} came after ${before}`)
    last.set(series, sample.value)
  }
}

async function checkFlushes(world: World, { subject }: CaseContext): Promise<void> {
  let requests = 0
  const fails = subject.lacks?.retryable === undefined
  world.destination.judge = () => ({ status: fails && requests++ % 2 === 0 ? 'retryable' : 'delivered' })
  await world.open()
  const scrapes = new Material()
  const flushes: Promise<void>[] = []
  for (let round = 0; round < 6; round++) {
    for (const id of ['a', 'b']) await world.write(scrapes.scrape(3, { id }))
    const values = valuesOf(world.written)
    const flush = world.pipeline.flush().then(() => {
      const stored = new Set(world.destination.stored.map(({ value }) => value))
      check(
        values.every((value) => stored.has(value)),
        'flush() resolved before everything that was written was stored',
      )
    })
    // Waited for below, with the others.
    flush.catch(() => {})
    flushes.push(flush)
  }
  await world.during(Promise.all(flushes), 'flush()')
  await world.settle()
}

function valuesOf(batches: readonly Batch[]): number[] {
  return batches.flatMap((batch) => Array.from(samplesOf(batch), ({ value }) => value))
}
