import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DiskSpoolOptions } from './disk-spool-options.js'
import type { Cursor, FsyncPolicy, Spool } from './spool.js'
import { batchNumber, listOf, numberOf, readToHead, samplesOfList } from './testdata/batches.js'
import { FakeDisk } from './testdata/fake-disk.js'
import { ManualClock } from './testdata/manual-clock.js'
import { createRandom } from './testdata/random.js'
import { openCursor, openSpool, settle } from './testdata/spools.js'

/** Runs a policy; more by PROMLINE_SPOOL_RUNS. */
const runs = Number(process.env['PROMLINE_SPOOL_RUNS'] ?? 400)

type Step =
  | { readonly kind: 'append'; readonly count: number; readonly rows: number }
  | { readonly kind: 'read'; readonly count: number }
  | { readonly kind: 'acknowledge'; readonly behind: number }
  | { readonly kind: 'seek'; readonly back: number }
  | { readonly kind: 'tick' }
  | { readonly kind: 'refuse-sync' }
  | {
      readonly kind: 'crash'
      readonly how: 'kill' | 'power'
      readonly after: number
      readonly appends: number
      readonly acknowledges: boolean
    }

const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('append' as const),
        count: fc.integer({ min: 1, max: 5 }),
        rows: fc.integer({ min: 0, max: 40 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('read' as const), count: fc.integer({ min: 1, max: 6 }) }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('acknowledge' as const), behind: fc.integer({ min: 0, max: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('seek' as const), back: fc.integer({ min: 0, max: 8 }) }) },
    { weight: 2, arbitrary: fc.constant({ kind: 'tick' as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'refuse-sync' as const }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('crash' as const),
        how: fc.constantFrom('kill' as const, 'power' as const),
        after: fc.integer({ min: 0, max: 15 }),
        appends: fc.integer({ min: 0, max: 4 }),
        acknowledges: fc.boolean(),
      }),
    },
  ),
  { maxLength: 30 },
)

interface Entry {
  readonly id: number
  /** Survives a loss of power. */
  durable: boolean
}

/** A spool and what it must hold. */
class Harness {
  readonly disk = new FakeDisk()
  /** One a life: the timers of a process that died do not fire. */
  clock = new ManualClock()
  readonly options: Partial<DiskSpoolOptions> & { fsync: FsyncPolicy }
  readonly draw: (bound: number) => number
  spool!: Spool
  cursor!: Cursor
  /** What was taken and not lost, by number. */
  entries = new Map<number, Entry>()
  /** Ids of what was neither taken nor refused when the process died: it may be there, once. */
  maybe = new Set<number>()
  acknowledged = 0
  nextId = 1

  constructor(fsync: FsyncPolicy, seed: number) {
    this.draw = createRandom(seed)
    this.disk.writesAtOnce = this.draw(2) === 0
    this.options = { fsync, segmentBytes: 1024, maxRecordBytes: 1024, tailBytes: this.draw(2) * 16_000 }
  }

  async open(): Promise<void> {
    this.clock = new ManualClock()
    this.spool = await openSpool(this.disk, { ...this.options, clock: this.clock })
    this.cursor = await openCursor(this.spool)
  }

  async run(step: Step): Promise<void> {
    if (step.kind === 'append') await Promise.all(Array.from({ length: step.count }, () => this.append(step.rows)))
    else if (step.kind === 'read') await this.read(step.count)
    else if (step.kind === 'acknowledge') this.acknowledge(step.behind)
    else if (step.kind === 'seek') this.cursor.seek(Math.max(this.acknowledged, this.cursor.position - step.back) + 1)
    else if (step.kind === 'tick') await this.tick()
    else if (step.kind === 'refuse-sync') this.refuseSync()
    else await this.crash(step)
  }

  async append(rows: number): Promise<void> {
    const id = this.nextId++
    this.maybe.add(id)
    const columns = rows === 0 ? [] : [samplesOfList(listOf(`family_${rows % 4}`, rows), id)]
    const { seq } = await this.spool.append(batchNumber(id, { columns }))
    this.maybe.delete(id)
    expect(this.entries.has(seq), `number ${seq} given out again`).toBe(false)
    expect(seq).toBeGreaterThan(this.acknowledged)
    this.entries.set(seq, { id, durable: this.options.fsync === 'always' })
  }

  async read(count: number): Promise<void> {
    const stop = new AbortController()
    for (let left = count; left > 0; left--) {
      const wanted = [...this.entries.keys()]
        .filter((seq) => seq > Math.max(this.cursor.position, this.acknowledged))
        .sort((a, b) => a - b)[0]
      if (wanted === undefined) return
      const batch = await this.cursor.next({ signal: stop.signal })
      expect(batch?.seq).toBe(wanted)
      expect(numberOf(batch!.batch)).toBe(this.entries.get(wanted)?.id)
    }
  }

  acknowledge(behind: number): void {
    const seq = this.cursor.position - behind
    if (seq <= this.acknowledged) return
    this.cursor.acknowledge(0, seq)
    this.acknowledged = seq
  }

  async tick(): Promise<void> {
    this.clock.advance(1000)
    await settle()
    this.disk.options = {}
    if (this.options.fsync === 'interval') for (const entry of this.entries.values()) entry.durable = true
  }

  refuseSync(): void {
    let left = 1
    this.disk.options = { fail: (operation, name) => (operation === 'datasync' && name.includes('.seg') && left-- > 0 ? 'EIO' : undefined) }
  }

  /** Dies in the middle of what it does, opens again, and compares. */
  async crash(step: Step & { kind: 'crash' }): Promise<void> {
    this.disk.dieAfter(step.after)
    const appends = Array.from({ length: step.appends }, () => this.append(7).catch(() => {}))
    if (step.acknowledges) this.acknowledge(0)
    await Promise.all(appends)
    await settle()
    if (step.how === 'kill') this.disk.kill()
    else this.disk.losePower(this.draw)
    this.disk.options = {}
    await this.open()
    await this.compare(step.how)
  }

  async compare(how: 'kill' | 'power'): Promise<void> {
    const floor = this.cursor.acknowledged[0]!
    expect(floor, 'acknowledged what was not').toBeLessThanOrEqual(this.acknowledged)
    const found = new Map<number, Entry>()
    let last = floor
    for (const { seq, batch } of await readToHead(this.spool, this.cursor)) {
      const id = numberOf(batch)
      expect(seq, 'out of order').toBeGreaterThan(last)
      last = seq
      const known = this.entries.get(seq)
      if (known === undefined) expect(this.maybe.delete(id), `batch ${id} from nowhere`).toBe(true)
      else expect(id).toBe(known.id)
      found.set(seq, { id, durable: how === 'power' || (known?.durable ?? false) })
    }
    for (const [seq, { id, durable }] of this.entries) {
      if (seq > floor && (how === 'kill' || durable)) expect(found.get(seq)?.id, `batch ${id}, number ${seq}, was lost (${how})`).toBe(id)
    }
    this.entries = found
    this.acknowledged = floor
    this.cursor.seek(floor + 1)
  }
}

describe('the spool on a disk that fails', () => {
  it.each(['interval', 'always', 'os'] as const)(
    'agrees with a list (%s)',
    async (fsync) => {
      await fc.assert(
        fc.asyncProperty(steps, fc.integer(), async (list, seed) => {
          const harness = new Harness(fsync, seed)
          await harness.open()
          for (const step of list) await harness.run(step)
          await harness.crash({ kind: 'crash', how: 'kill', after: 1000, appends: 1, acknowledges: true })
          await harness.spool.close()
        }),
        { numRuns: runs },
      )
    },
    600_000,
  )
})
