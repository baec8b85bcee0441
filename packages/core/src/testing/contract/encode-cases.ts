import type { Encoded } from '../../delivery/sink.js'
import { addCounts, type Batch, type Counts, countsOf, zeroCounts } from '../../model/batch.js'
import { sumCounts } from '../../model/count-math.js'
import { isSinkName } from '../../model/sink-name.js'
import { type Bench, benchCase, expectDelivered, sameBody } from './bench.js'
import type { CaseDefinition } from './case.js'
import { check, checkSameSamples } from './check.js'
import * as material from './material.js'
import type { ReceivedSample } from './subject.js'

/** What sinks promise of `encode`. */
export const encodeCases: readonly CaseDefinition[] = [
  benchCase('encode: what a part counts and what is dropped add up to the batches', async (bench) => {
    checkName(bench)
    for (const batches of allKinds()) checkCounts(bench, batches)
  }),
  benchCase('encode: the number of samples that arrive is the number that is counted', async (bench) => {
    for (const batches of allKinds()) {
      for (const encoded of bench.encode(batches)) {
        const before = bench.destination.stored.length
        expectDelivered(await bench.send(encoded))
        const arrived = bench.destination.stored.length - before
        check(arrived === encoded.counts.samples, `a part counts ${encoded.counts.samples} samples, and ${arrived} arrived`)
      }
    }
  }),
  benchCase('encode: is pure, the same batches give the same parts', async (bench) => {
    for (const batches of allKinds()) {
      const first = bench.sink.encode(batches)
      const second = bench.sink.encode(batches)
      check(first.length === second.length, `the same batches became ${first.length} parts, then ${second.length}`)
      for (const [i, encoded] of first.entries()) checkSamePart(encoded, second[i]!)
      const arrived = []
      for (const parts of [first, second]) arrived.push(await sendAll(bench, parts))
      checkSameSamples('the same batches, encoded again', arrived[1]!, arrived[0]!)
    }
  }),
  benchCase(
    'encode: the same batches give the same bytes',
    async (bench) => {
      for (const batches of allKinds()) {
        const [first, second] = [bench.sink.encode(batches), bench.sink.encode(batches)]
        check(
          first.every((encoded, i) => encoded.bytes === second[i]?.bytes && sameBody(encoded.body, second[i]?.body)),
          'the same batches became other bytes when they were encoded again',
        )
      }
    },
    ['same-bytes'],
  ),
  benchCase('encode: leaves the batches as they are', async (bench) => {
    for (const batches of allKinds()) {
      const before = structuredClone(batches.map(plainly))
      bench.sink.encode(batches)
      check(sameBody(before, batches.map(plainly)), 'encode() changed the batches that it was given')
    }
  }),
  benchCase('encode: a body stays as it is while others are made', async (bench) => {
    const [first, second] = material.twins()
    const early = bench.encode([first])
    const late = bench.encode([second])
    const arrived = [...(await sendAll(bench, early)), ...(await sendAll(bench, late))]
    checkSameSamples('two bodies of one list of series, the second made before the first was sent', arrived, bench.carried([first, second]))
  }),
  benchCase('encode: nothing becomes nothing', async (bench) => {
    const empty: Batch = { origin: { kind: 'target', id: 'a' }, columns: [] }
    for (const batches of [[], [empty], [empty, empty]]) {
      const encoded = bench.sink.encode(batches)
      check(sumCounts(encoded.map(({ counts }) => counts)).samples === 0, 'encode() counts samples of batches that have none')
      check(bench.encode(batches).length === 0, 'encode() made a body of batches without samples')
    }
  }),
  arrives('numbers at the edges, NaN and the infinities', material.oddNumbers()),
  arrives('staleness markers', material.staleOnes()),
  arrives('label names that JavaScript or a format takes for its own, __proto__ among them', material.oddNames()),
  arrives('hostile label values', material.hostileValues()),
  benchCase('encode: several batches in one call', async (bench) => {
    const scrapes = new material.Material()
    await bench.deliver(
      'three batches of two origins',
      ['a', 'b', 'a'].map((id) => scrapes.scrape(5, { id })),
    )
  }),
]

function arrives(what: string, samples: readonly ReceivedSample[]): CaseDefinition {
  return benchCase(`encode: ${what} arrive unaltered, or are counted as dropped`, async (bench) => {
    const batch = material.batchOfSamples(samples)
    checkCounts(bench, [batch])
    await bench.deliver(what, [batch])
  })
}

function allKinds(): readonly (readonly Batch[])[] {
  const scrapes = new material.Material()
  const odd = [material.oddNumbers(), material.staleOnes(), material.oddNames()].map((samples) => material.batchOfSamples(samples))
  return [[scrapes.scrape(1)], [scrapes.scrape(200)], ['a', 'b'].map((id) => scrapes.scrape(10, { id })), odd, [material.richBatch()]]
}

function checkName({ sink }: Bench): void {
  check(isSinkName(sink.name), `the sink's name ${JSON.stringify(sink.name)} must match [A-Za-z0-9_-]{1,64}`)
}

function checkCounts(bench: Bench, batches: readonly Batch[]): void {
  const encoded = bench.sink.encode(batches)
  const kept = sumCounts(encoded.map(({ counts }) => counts))
  const dropped = sumCounts(encoded.flatMap((part) => part.dropped ?? []).map(({ counts }) => counts))
  const whole = batches.map(countsOf).reduce(addCounts, zeroCounts)
  const sum = addCounts(kept, dropped)
  check(sameBody(sum, whole), `parts count ${countsText(kept)} and drop ${countsText(dropped)} of ${countsText(whole)}`)
  const parts = new Set(encoded.map(({ part }) => part))
  check(![...parts].some((part) => part === ''), 'a part has no name')
  const reason = bench.context.subject.lacks?.parts
  check(reason === undefined || parts.size <= 1, `the sink is said to make one part ("${reason}"), and made ${parts.size}`)
  const samples = bench.carried(batches).length
  check(kept.samples === samples, `the parts count ${kept.samples} samples, where the format can carry ${samples}`)
}

function checkSamePart(first: Encoded<unknown>, second: Encoded<unknown>): void {
  const facts = ({ part, counts, dropped }: Encoded<unknown>): unknown => ({ part, counts, dropped: dropped ?? [] })
  check(sameBody(facts(first), facts(second)), 'the same batches became other parts or other counts when they were encoded again')
}

/** What arrives when parts are sent. */
async function sendAll(bench: Bench, parts: readonly Encoded<unknown>[]): Promise<readonly ReceivedSample[]> {
  const before = bench.destination.stored.length
  for (const encoded of parts) if (encoded.bytes > 0) expectDelivered(await bench.send(encoded))
  return bench.destination.stored.slice(before)
}

function countsText({ samples, histograms, exemplars }: Counts): string {
  return `${samples} samples, ${histograms} histograms, ${exemplars} exemplars`
}

/** A batch as data that can be cloned and compared. */
function plainly({ origin, columns }: Batch): unknown {
  const series = (one: Batch['columns'][number]): unknown =>
    Array.from({ length: one.series.length }, (_, i) => Array.from(one.series.at(i).labels.bytes))
  const data = columns.map((one) =>
    one.kind === 'exemplars'
      ? { rows: one.rows, exemplars: one.exemplars.map(({ value, timestampMs }) => ({ value, timestampMs })), series: series(one) }
      : { ...one, series: series(one) },
  )
  return { id: origin.id, data }
}
