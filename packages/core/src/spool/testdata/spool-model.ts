import { createDiskSpool } from '../disk-spool.js'
import type { Cursor, FsyncPolicy, GivenUp, Spool, SpooledBatch } from '../spool.js'
import { batchNumber, listOf, numberOf, readToHead, samplesOfList } from './batches.js'
import { FakeDisk, type FakeDiskOptions } from './fake-disk.js'
import { ManualClock } from './manual-clock.js'
import { type Entry, ModelCursor, originNumber } from './model-cursor.js'
import { settle } from './spools.js'

export interface ModelOptions {
  readonly fsync: FsyncPolicy
  /** The cap of each sink. */
  readonly maxBytes: number
  readonly maxAgeMs: number | undefined
  /** 0: everything is read from the disk. */
  readonly tailBytes: number
  readonly writesAtOnce: boolean
  /** Per sink, whether it gives up its oldest batches at the cap. */
  readonly dropsOldest: readonly boolean[]
  /** Of what the disk keeps when the power goes. */
  readonly draw: (bound: number) => number
}

/** How a process ends without wanting to. */
export type Death = 'kill' | 'power'

/** Small, so that a run has several segments, and batches of several records. */
const segmentBytes = 1024
const maxRecordBytes = 1024
const unusedGraceMs = 60_000
/** Longer than the interval of syncs, and than the disk is left alone after it refused. */
const tickMs = 1_000
/** What all together wait for is freed in fewer rounds than this. */
const maxDrains = 60

/** A spool on a disk that fails, and what it must hold. Throws where the two disagree. */
export class SpoolModel {
  readonly disk: FakeDisk = new FakeDisk()
  readonly sinks: readonly ModelCursor[]
  readonly #options: ModelOptions
  readonly #entries = new Map<number, Entry>()
  /** Ids of batches that are neither taken nor refused, and of those that were refused. */
  readonly #pending = new Set<number>()
  readonly #refused = new Set<number>()
  /** What was not taken when a process died: it may be there, once. */
  readonly #maybe = new Set<number>()
  #nextId = 1
  #spool: Spool | undefined
  /** One a life: the timers of a process that died do not fire. */
  #clock = new ManualClock()
  /** What a callback found: the next step throws it. */
  #problem: unknown
  /** What belongs to an earlier one is of a process that is gone. */
  #life: object = {}
  /** Something was refused since the disk had time to try it again. */
  #isTroubled = false
  /** So it was when a process died, and the power has not gone since: what was refused then the system may still show. */
  #diedInTrouble = false

  constructor(options: ModelOptions) {
    this.#options = options
    this.disk.writesAtOnce = options.writesAtOnce
    this.sinks = options.dropsOldest.map((drops, i) => new ModelCursor(`sink-${i}`, drops ? 'drop-oldest' : 'block'))
  }

  async open(): Promise<void> {
    const { fsync, maxBytes, maxAgeMs, tailBytes } = this.#options
    this.#clock = new ManualClock(this.#clock.nowMs())
    const life = {}
    this.#life = life
    const spool = createDiskSpool({
      dir: '/spool',
      fsync,
      maxBytes,
      ...(maxAgeMs !== undefined && { maxAgeMs }),
      tailBytes,
      minFreeBytes: 0,
      segmentBytes,
      maxRecordBytes,
      unusedGraceMs,
      fileSystem: this.disk,
      clock: this.#clock,
    })
    await spool.open({ onGivenUp: (given) => this.#watch(life, () => this.#giveUp(given)) })
    this.#spool = spool
    const { head } = spool.status()
    const wanted = new Set(this.sinks.flatMap((sink) => this.#wantedBy(sink)))
    for (const entry of this.#entries.values()) {
      if (entry.seq <= head) continue
      if (entry.certain && wanted.has(entry)) throw new Error(`number ${entry.seq} was lost: the log ends at ${head}`)
      this.#strike(entry.seq)
    }
    // What is found at the start is forced to the disk then.
    if (fsync !== 'os') this.#allForced()
  }

  /** Appends batches with so many further samples, and waits until nothing goes on by itself. */
  async append(count: number, rows: number): Promise<void> {
    const before = this.#entries.size
    this.#startAppends(count, rows)
    await this.#settle()
    if (this.#entries.size > before && !this.#isTroubled) this.#checkCap()
  }

  /** Opens a cursor, and compares all that lies ahead of it. */
  async openCursor(sink: ModelCursor, lanes: number): Promise<void> {
    const spool = this.#running
    const laneOf = (id: string): number => originNumber(Number(id)) % lanes
    const life = this.#life
    const { head } = spool.status()
    const cursor = await spool.cursor({
      name: sink.name,
      lanes,
      overflow: sink.overflow,
      laneOf: ({ id }) => laneOf(id),
      onLost: (lost) => this.#watch(life, () => sink.lose(lost)),
    })
    const lanesBefore = sink.lanes
    if (this.#isLongGone(sink)) sink.forget()
    sink.opened(cursor, lanes)
    if (sink.isKnown) this.#recognise(sink, cursor, lanesBefore)
    else this.#welcome(sink, cursor, head)
    if (!this.#isTroubled) sink.noteWritten({ isForced: true })
    await this.#readAhead(sink, cursor)
    await this.#settle()
  }

  async closeCursor(sink: ModelCursor): Promise<void> {
    if (sink.cursor === undefined) return
    await sink.cursor.close()
    if (!this.#isTroubled) sink.noteWritten({ isForced: true })
    sink.left(this.#clock.nowMs())
    await this.#settle()
  }

  /** Forgets a sink. */
  async removeCursor(sink: ModelCursor): Promise<void> {
    await this.closeCursor(sink)
    // Where the disk refuses, the file may stay; at the next start it is a place that nobody uses.
    await this.#running.removeCursor(sink.name).catch(() => {})
    sink.forget()
    await this.#settle()
  }

  /** Reads batches, as long as there is one ahead that the sink must get. */
  async read(sink: ModelCursor, count: number): Promise<void> {
    const { cursor } = sink
    const { signal } = new AbortController()
    for (let left = count; left > 0 && cursor !== undefined; left--) {
      const from = Math.max(cursor.position, ...lowestOf(cursor))
      if (!this.#sorted().some((entry) => entry.seq > from && sink.wants(entry))) return
      this.#compare(sink, from, await this.#next(cursor, signal))
    }
  }

  /** Reads to the head, and settles everything. */
  async settleAll(sink: ModelCursor): Promise<void> {
    const { cursor } = sink
    if (cursor === undefined) return
    let from = Math.max(cursor.position, ...lowestOf(cursor))
    for (const got of await this.#readToHead(cursor)) {
      this.#compare(sink, from, got)
      from = got.seq
    }
    for (let lane = 0; lane < sink.lanes; lane++) this.#acknowledge(sink, lane, 0)
    await this.#settle()
  }

  /** Settles what a sink has read, but for the last so many, in one of its lanes. */
  async acknowledge(sink: ModelCursor, lane: number, behind: number): Promise<void> {
    this.#acknowledge(sink, lane % sink.lanes, behind)
    await this.#settle()
  }

  /** Moves a reader back over what is not settled. */
  seek({ cursor }: ModelCursor, back: number): void {
    cursor?.seek(Math.max(...lowestOf(cursor), cursor.position - back) + 1)
  }

  /** The disk fails from now on, until it is healed. */
  fail(options: FakeDiskOptions): void {
    this.disk.options = options
    this.#isTroubled = true
  }

  /** So many bytes more, and the disk is full. */
  fill(bytes: number): void {
    const used = this.disk.names.reduce((sum, name) => sum + this.disk.contentOf(name).length, 0)
    this.fail({ capacity: used + bytes })
  }

  /** Time passes. With `heals` the disk works again, and what it refused was tried again. */
  async tick(heals: boolean, ms: number = tickMs): Promise<void> {
    await this.#pass(ms)
    if (this.#isFailing && heals) {
      this.disk.options = {}
      await this.#pass(tickMs)
    }
    if (this.#isFailing) return
    this.#isTroubled = false
    if (this.#options.fsync === 'os') return
    this.#allForced()
    for (const sink of this.sinks) sink.noteWritten({ isForced: true })
  }

  /** Dies after so many operations of what is begun here. */
  async die(how: Death, begun: { after: number; appends: number; rows: number; acknowledges: boolean; ticks: boolean }): Promise<void> {
    this.disk.dieAfter(begun.after)
    this.#startAppends(begun.appends, begun.rows)
    if (begun.acknowledges) for (const sink of this.sinks) this.#acknowledge(sink, 0, 0)
    if (begun.ticks) this.#clock.advance(tickMs)
    await settle()
    this.#throwProblem()
    this.#bury(how)
  }

  /** Dies again while it recovers, or while its sinks, each with so many lanes, come back. */
  async dieAtStart(how: Death, after: number, lanes: readonly (number | undefined)[]): Promise<void> {
    this.disk.dieAfter(after)
    try {
      await this.open()
      for (const [i, { name, overflow }] of this.sinks.entries()) {
        const count = lanes[i]
        if (count !== undefined) await this.#running.cursor({ name, overflow, lanes: count })
      }
    } catch {
      // It died before.
    }
    await settle()
    // With another number of lanes all begin at the lowest.
    for (const sink of this.sinks) sink.levelLanes()
    this.#bury(how)
  }

  /** Ends as it should. */
  async close(): Promise<void> {
    const spool = this.#running
    await this.tick(true)
    await spool.close()
    await settle()
    this.#throwProblem()
    for (const sink of this.sinks) sink.noteWritten({ isForced: true })
    if (this.#options.fsync !== 'os') this.#allForced()
    this.#leave()
  }

  /** Settles everything: whatever waits must then be taken. */
  async drain(): Promise<void> {
    this.disk.options = {}
    for (let left = maxDrains; left > 0; left--) {
      for (const sink of this.sinks) await this.settleAll(sink)
      await this.tick(true)
      if (this.#pending.size === 0) return
    }
    throw new Error(`${this.#pending.size} appends wait for ever: ${JSON.stringify(this.#running.status())}`)
  }

  get #running(): Spool {
    if (this.#spool === undefined) throw new Error('the spool is not open')
    return this.#spool
  }

  get #isFailing(): boolean {
    return Object.keys(this.disk.options).length > 0
  }

  #sorted(): Entry[] {
    return [...this.#entries.values()].sort((a, b) => a.seq - b.seq)
  }

  #startAppends(count: number, rows: number): void {
    const spool = this.#running
    const life = this.#life
    for (let left = count; left > 0; left--) {
      const id = this.#nextId++
      const columns = rows === 0 ? [] : [samplesOfList(listOf(`family_${rows % 4}`, rows), id)]
      this.#pending.add(id)
      const appending = spool.append(batchNumber(id, { origin: { kind: 'client', id: String(id) }, columns }))
      appending.then(
        ({ seq }) => this.#watch(life, () => this.#take(id, seq)),
        () => this.#watch(life, () => this.#pending.delete(id) && this.#refused.add(id)),
      )
    }
  }

  #take(id: number, seq: number): void {
    this.#pending.delete(id)
    const known = this.#entries.get(seq)
    if (known?.certain === true) throw new Error(`number ${seq} was given to batch ${known.id} and to batch ${id}`)
    if (known !== undefined) this.#strike(seq)
    const entry = { id, seq, durable: this.#options.fsync === 'always', isDoubtful: false, certain: true }
    for (const sink of this.sinks) {
      // Where nobody has a place and no batch is left, the numbers begin again.
      const settled = sink.cursor !== undefined || this.#isLongGone(sink) ? 0 : Math.max(0, ...sink.written)
      if (seq <= settled) throw new Error(`number ${seq} was given to batch ${id} after ${sink.name} had settled it`)
    }
    this.#entries.set(seq, entry)
  }

  #acknowledge(sink: ModelCursor, lane: number, behind: number): void {
    const { cursor } = sink
    if (cursor === undefined || lane >= sink.lanes) return
    const seq = cursor.position - behind
    if (seq <= 0) return
    for (const entry of this.#entries.values()) if (entry.seq <= seq && sink.laneOf(entry) === lane) sink.settled.add(entry.seq)
    cursor.acknowledge(lane, seq)
  }

  /** A sink that is not there had to give up its oldest batches. */
  #giveUp({ sink: name, reason, batches }: GivenUp): void {
    const sink = this.sinks.find((one) => one.name === name)
    if (sink === undefined) return
    if (sink.cursor !== undefined) throw new Error(`${name} is there, and its batches were given up (${reason})`)
    sink.givenWhileAway += batches
    if (reason === 'removed') sink.forget()
  }

  /** A sink that is new, or as good as new. */
  #welcome(sink: ModelCursor, { acknowledged }: Cursor, head: number): void {
    sink.isKnown = true
    // The file of one that was removed may have come back.
    sink.since = Math.max(...acknowledged, sink.wasRemoved ? head : 0)
  }

  /** A sink that was there before: nothing that it wants is skipped, nothing that it settled long ago forgotten. */
  #recognise(sink: ModelCursor, { acknowledged }: Cursor, lanesBefore: number): void {
    const { written } = sink
    const wanted = this.#wantedBy(sink)
    for (const entry of this.#entries.values()) if (sink.wants(entry) && !wanted.includes(entry)) sink.given.add(entry.seq)
    sink.givenWhileAway = 0
    const least = sink.lanes === lanesBefore ? written : acknowledged.map(() => Math.min(...written))
    for (const [lane, seq] of acknowledged.entries()) {
      if (written.length > 0 && seq < least[lane]!)
        throw new Error(`${sink.name}, lane ${lane}: ${least[lane]} was acknowledged, and is ${seq} again`)
    }
    for (const entry of this.#entries.values()) {
      const isSettled = entry.seq <= (acknowledged[sink.laneOf(entry)] ?? 0)
      if (isSettled && sink.wants(entry)) throw new Error(`${sink.name}: number ${entry.seq} is skipped, which was never settled`)
      if (isSettled) sink.settled.add(entry.seq)
      else sink.settled.delete(entry.seq)
    }
  }

  /** Reads everything, compares it, and goes back. */
  async #readAhead(sink: ModelCursor, cursor: Cursor): Promise<void> {
    const floor = Math.max(0, ...lowestOf(cursor))
    let last = floor
    const found = new Set<number>()
    for (const { seq, batch } of await this.#readToHead(cursor)) {
      if (seq <= last) throw new Error(`${sink.name}: number ${seq} comes after ${last}`)
      last = seq
      found.add(seq)
      this.#identify(seq, numberOf(batch))
    }
    for (const entry of this.#sorted()) {
      if (entry.seq <= floor || found.has(entry.seq)) continue
      if (!entry.certain) this.#strike(entry.seq)
      else if (sink.wants(entry)) throw new Error(`${sink.name}: number ${entry.seq}, batch ${entry.id}, was lost`)
    }
    cursor.seek(floor + 1)
  }

  async #readToHead(cursor: Cursor): Promise<SpooledBatch[]> {
    const from = cursor.position + 1
    try {
      return await readToHead(this.#running, cursor)
    } catch (error) {
      if (!this.#isFailing) throw error
      this.disk.options = {}
      cursor.seek(from)
      return readToHead(this.#running, cursor)
    }
  }

  #strike(seq: number): void {
    this.#entries.delete(seq)
    for (const sink of this.sinks) sink.strike(seq)
  }

  #identify(seq: number, id: number): void {
    const known = this.#entries.get(seq)
    if (known?.id === id) known.certain = true
    else if (known?.certain === true) throw new Error(`number ${seq} is batch ${id}, and was batch ${known.id}`)
    else if (this.#maybe.delete(id)) {
      if (known !== undefined) this.#strike(seq)
      const isDoubtful = this.#diedInTrouble
      this.#entries.set(seq, { seq, id, durable: this.#options.fsync !== 'os' && !isDoubtful, isDoubtful, certain: true })
    } else throw new Error(`number ${seq}: batch ${id} is from nowhere`)
  }

  /** After so long its place may have gone without a word, where nothing waited for it. */
  #isLongGone({ leftAtMs }: ModelCursor): boolean {
    return this.#clock.nowMs() - leftAtMs >= unusedGraceMs
  }

  /**
   * What a sink must still get, in order. Of what was given up while it was away some may have been settled already, or be unknown here: then
   * fewer of these were given up than are left out, and none of the others.
   */
  #wantedBy(sink: ModelCursor): Entry[] {
    if (!sink.isKnown || this.#isLongGone(sink)) return []
    let given = sink.givenWhileAway
    return this.#sorted().filter((entry) => {
      if (!sink.wants(entry)) return false
      const isGiven = given > 0
      // What a loss of power may have taken was perhaps not there to be given up.
      if (entry.certain) given--
      return !isGiven
    })
  }

  /** What a sink got after a number is the batch that it says, and none that the sink must get was left out. */
  #compare(sink: ModelCursor, from: number, { seq, batch }: SpooledBatch): void {
    const id = numberOf(batch)
    const known = this.#entries.get(seq)
    if (known?.id !== id) throw new Error(`${sink.name}: number ${seq} is batch ${id}, and was batch ${known?.id}`)
    const skipped = this.#sorted().find((entry) => entry.seq > from && entry.seq < seq && sink.wants(entry))
    if (skipped !== undefined) throw new Error(`${sink.name}: number ${skipped.seq} was lost, after it came ${seq}`)
  }

  async #next(cursor: Cursor, signal: AbortSignal): Promise<SpooledBatch> {
    const got = await cursor.next({ signal }).catch((error: unknown) => {
      if (!this.#isFailing) throw error
      this.disk.options = {}
      return cursor.next({ signal })
    })
    if (got === undefined) throw new Error(`${cursor.name}: the reader ended`)
    return got
  }

  async #pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= tickMs) {
      this.#clock.advance(tickMs)
      await this.#settle()
    }
  }

  /** Lets everything run that waits for nothing but the disk. */
  async #settle(): Promise<void> {
    await settle()
    this.#throwProblem()
    if (this.#isTroubled) return
    for (const sink of this.sinks) sink.noteWritten({ isForced: this.#options.fsync === 'always' })
  }

  /** After an append nobody who drops his oldest batches is over the cap. */
  #checkCap(): void {
    for (const { cursor, overflow, name } of this.sinks) {
      if (overflow === 'drop-oldest' && cursor !== undefined && cursor.backlogBytes > this.#options.maxBytes) {
        throw new Error(`${name}: ${cursor.backlogBytes} bytes wait for it, more than the cap`)
      }
    }
  }

  /** The process is dead. */
  #bury(how: Death): void {
    if (how === 'kill') this.disk.kill()
    else this.disk.losePower(this.#options.draw)
    if (how === 'kill' && this.#isTroubled) {
      this.#diedInTrouble = true
      for (const entry of this.#entries.values()) entry.isDoubtful ||= !entry.durable
    }
    this.#leave()
    if (how === 'kill') return
    this.#diedInTrouble = false
    // Two writes that were not forced may both be torn, and with them both slots: then a sink begins at the oldest batch, and gets more than
    // it must.
    for (const sink of this.sinks) sink.written = this.#options.fsync === 'always' ? sink.forced : []
    for (const entry of this.#entries.values()) {
      if (!entry.durable) entry.certain = false
      entry.durable = true
      entry.isDoubtful = false
    }
  }

  #allForced(): void {
    for (const entry of this.#entries.values()) entry.durable ||= !entry.isDoubtful
  }

  /** Nothing of the process is left. */
  #leave(): void {
    this.disk.options = {}
    this.#isTroubled = false
    this.#spool = undefined
    this.#life = {}
    for (const sink of this.sinks) sink.left(this.#clock.nowMs())
    for (const id of [...this.#pending, ...this.#refused]) this.#maybe.add(id)
    this.#pending.clear()
    this.#refused.clear()
  }

  #watch(life: object, action: () => unknown): void {
    if (life !== this.#life) return
    try {
      action()
    } catch (error) {
      this.#problem ??= error
    }
  }

  #throwProblem(): void {
    const problem = this.#problem
    this.#problem = undefined
    if (problem !== undefined) throw problem
  }
}

function lowestOf({ acknowledged }: Cursor): number[] {
  return acknowledged.length === 0 ? [] : [Math.min(...acknowledged)]
}
