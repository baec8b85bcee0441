import fc from 'fast-check'
import type { FakeDiskOptions, Operation } from './fake-disk.js'
import type { ModelCursor } from './model-cursor.js'
import type { Death, SpoolModel } from './spool-model.js'

/** The model keeps no state apart from the spool beside it. */
type Nothing = Record<string, never>
type Command = fc.AsyncCommand<Nothing, SpoolModel>

const deaths = fc.constantFrom<Death>('kill', 'power')
const sinkNumbers = fc.nat({ max: 2 })
const laneCounts = fc.integer({ min: 1, max: 3 })
/** Further samples of a batch: none, some, or more than a record holds. */
const rows = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.nat({ max: 40 }) }, fc.nat({ max: 300 }))

/** What each kind of file may refuse. */
const refusals: readonly (readonly [operation: Operation, file: string])[] = [
  ['write', '.seg'],
  ['datasync', '.seg'],
  ['truncate', '.seg'],
  ['read', '.seg'],
  ['unlink', '.seg'],
  ['rename', '.seg'],
  ['open', '.seg.new'],
  ['write', '.ack'],
  ['datasync', '.ack'],
  ['rename', '.ack'],
  ['open', '.ack.new'],
  ['fsyncDir', ''],
]

const faults = fc.record({
  refusal: fc.constantFrom(...refusals),
  code: fc.constantFrom('EIO', 'ENOSPC'),
  after: fc.nat({ max: 3 }),
  times: fc.constantFrom(1, 1, 2, 1_000),
})

/** How a process that died, or ended, comes up again: each sink with so many lanes, or not at all. */
const lanes = fc.array(fc.option(laneCounts, { nil: undefined, freq: 5 }), { minLength: 3, maxLength: 3 })

/** Everything that may happen to a spool. */
export const spoolCommands: fc.Arbitrary<Iterable<Command>> = fc.commands<Nothing, SpoolModel, false>(
  [
    fc
      .record({ count: fc.integer({ min: 1, max: 5 }), rows })
      .map((args) => command('append', args, (model) => model.append(args.count, args.rows))),
    fc
      .record({ count: fc.integer({ min: 1, max: 5 }), rows })
      .map((args) => command('append', args, (model) => model.append(args.count, args.rows))),
    fc
      .record({ sink: sinkNumbers, count: fc.integer({ min: 1, max: 9 }) })
      .map((args) => command('read', args, async (model) => model.read(sinkOf(model, args.sink), args.count))),
    fc
      .record({ sink: sinkNumbers, lane: fc.nat({ max: 2 }), behind: fc.nat({ max: 3 }) })
      .map((args) => command('acknowledge', args, (model) => model.acknowledge(sinkOf(model, args.sink), args.lane, args.behind))),
    sinkNumbers.map((sink) => command('settle all', { sink }, (model) => model.settleAll(sinkOf(model, sink)))),
    fc
      .record({ sink: sinkNumbers, back: fc.nat({ max: 8 }) })
      .map((args) => command('seek', args, async (model) => model.seek(sinkOf(model, args.sink), args.back))),
    fc.record({ heals: fc.boolean() }).map((args) => command('tick', args, (model) => model.tick(args.heals))),
    faults.map((args) => command('fail', args, async (model) => model.fail(failing(args)))),
    fc.nat({ max: 1500 }).map((bytes) => command('fill', { bytes }, async (model) => model.fill(bytes))),
    fc
      .integer({ min: 1, max: 100 })
      .map((bytes) => command('short writes', { bytes }, async (model) => model.fail({ shorten: (all) => Math.min(all, bytes) }))),
    fc.constantFrom(15_000, 70_000).map((ms) => command('pass', { ms }, (model) => model.tick(true, ms))),
    fc
      .record({ sink: sinkNumbers, lanes: laneCounts })
      .map((args) => command('open or close', args, (model) => openOrClose(model, sinkOf(model, args.sink), args.lanes))),
    sinkNumbers.map((sink) => command('remove', { sink }, (model) => model.removeCursor(sinkOf(model, sink)))),
    lanes.map((counts) => command('restart', { lanes: counts }, (model) => restart(model, counts, () => model.close()))),
    ...Array.from({ length: 2 }, () =>
      fc
        .record({
          how: deaths,
          after: fc.nat({ max: 15 }),
          appends: fc.nat({ max: 4 }),
          rows,
          acknowledges: fc.boolean(),
          ticks: fc.boolean(),
          again: fc.option(fc.record({ how: deaths, after: fc.nat({ max: 20 }), lanes }), { nil: undefined, freq: 3 }),
          lanes,
        })
        .map((args) =>
          command('die', args, (model) =>
            restart(model, args.lanes, async () => {
              await model.die(args.how, args)
              if (args.again !== undefined) await model.dieAtStart(args.again.how, args.again.after, args.again.lanes)
            }),
          ),
        ),
    ),
  ],
  { maxCommands: 40, size: 'max' },
)

/** Opens the spool and its first cursors. */
export async function begin(model: SpoolModel, lanes: readonly (number | undefined)[]): Promise<void> {
  await model.open()
  await openCursors(model, lanes)
}

/** The end of every run: what waits is taken, and a death and an ordinary end leave nothing out. */
export async function finish(model: SpoolModel): Promise<void> {
  const lanes = model.sinks.map((sink) => sink.lanes)
  for (const sink of model.sinks) if (sink.cursor === undefined) await model.openCursor(sink, sink.lanes)
  await model.drain()
  await model.append(3, 7)
  await restart(model, lanes, () => model.die('kill', { after: 1_000, appends: 1, rows: 7, acknowledges: true, ticks: false }))
  await restart(model, lanes, () => model.close())
  await model.close()
}

function command(name: string, args: object, run: (model: SpoolModel) => Promise<void>): Command {
  return { check: () => true, run: (_, model) => run(model), toString: () => `${name} ${JSON.stringify(args)}` }
}

function sinkOf(model: SpoolModel, number: number): ModelCursor {
  return model.sinks[number % model.sinks.length]!
}

function openOrClose(model: SpoolModel, sink: ModelCursor, lanes: number): Promise<void> {
  return sink.cursor === undefined ? model.openCursor(sink, lanes) : model.closeCursor(sink)
}

async function restart(model: SpoolModel, lanes: readonly (number | undefined)[], end: () => Promise<void>): Promise<void> {
  await end()
  await begin(model, lanes)
}

async function openCursors(model: SpoolModel, lanes: readonly (number | undefined)[]): Promise<void> {
  for (const [i, sink] of model.sinks.entries()) {
    const count = lanes[i]
    if (count !== undefined) await model.openCursor(sink, count)
  }
}

/** Refuses an operation on some files, after so many that went well, so many times. */
function failing({
  refusal: [operation, file],
  code,
  after,
  times,
}: {
  refusal: readonly [Operation, string]
  code: string
  after: number
  times: number
}): FakeDiskOptions {
  let count = 0
  return {
    fail: (called, name) => {
      if (called !== operation || !name.includes(file)) return undefined
      count++
      return count > after && count <= after + times ? code : undefined
    },
  }
}
