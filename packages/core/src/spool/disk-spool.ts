import type { Batch } from '../model/batch.js'
import { isPromlineError, PromlineError } from '../model/errors.js'
import { AckFile } from './ack-file.js'
import { AppendQueue } from './append-queue.js'
import { assertCursorOptions } from './cursor-options.js'
import { type CursorHost, DiskCursor } from './disk-cursor.js'
import { diskError } from './disk-error.js'
import { type CompleteDiskSpoolOptions, type DiskSpoolOptions, validateDiskSpoolOptions } from './disk-spool-options.js'
import { ListInterner } from '../records/list-interner.js'
import { LiveTail } from './live-tail.js'
import { LogWriter } from './log-writer.js'
import { Notifier } from './notifier.js'
import type { Place } from './place.js'
import { createPlace, type RecoveryOptions, recover } from './recovery.js'
import { closedError, notOpenError } from './refusals.js'
import { Retention } from './retention.js'
import { SegmentLog } from './segment-log.js'
import type { Cursor, CursorOptions, GivenUp, Spool, SpooledBatch, SpoolStatus } from './spool.js'

/** How often what was written is forced to the disk, under `interval`, and ages are looked at: what a loss of power may cost. */
const tickMs = 500

/** Creates a spool on disk. Throws a PromlineError (`options`). */
export function createDiskSpool(options: DiskSpoolOptions): Spool {
  return new DiskSpool(validateDiskSpoolOptions(options))
}

/** What is there between `open` and `close`. */
interface OpenSpool {
  readonly host: CursorHost
  readonly log: SegmentLog
  readonly writer: LogWriter
  readonly queue: AppendQueue
  readonly retention: Retention
  readonly release: () => Promise<void>
}

class DiskSpool implements Spool {
  readonly #options: CompleteDiskSpoolOptions
  #open: OpenSpool | undefined
  #opened = false
  #closing: Promise<void> | undefined
  #cancelTick: () => void = () => {}
  /** Nothing more is appended: readers stop waiting. */
  #sealed = false
  /** The head when the first sink came to a log in which nobody had a place. */
  #unclaimedHead: number | undefined
  #damagedRecords = 0
  #tornBytes = 0

  constructor(options: CompleteDiskSpoolOptions) {
    this.#options = options
  }

  async open(options: { readonly onGivenUp?: (given: GivenUp) => void } = {}): Promise<void> {
    const { fileSystem, dir } = this.#options
    if (this.#opened) throw new PromlineError('options', `spool ${dir} was opened before`)
    this.#opened = true
    let release: () => Promise<void> = async () => {}
    try {
      await fileSystem.mkdir(dir)
      release = await fileSystem.lock(dir)
      this.#open = await this.#build(release, options.onGivenUp ?? (() => {}))
    } catch (error) {
      await release()
      throw isPromlineError(error, 'spool-locked') ? error : diskError(error, { folder: dir })
    }
    this.#open.retention.collect()
    this.#tick()
  }

  async append(batch: Batch, options: { readonly signal?: AbortSignal } = {}): ReturnType<Spool['append']> {
    const { seq } = await this.#assertOpen().queue.append(batch, options.signal)
    return { seq, status: 'spooled' }
  }

  async cursor(options: CursorOptions): Promise<Cursor> {
    const { retention, host, log } = this.#assertOpen()
    assertCursorOptions(options)
    const { name, lanes } = options
    if (retention.cursors.get(name)?.isClosed === false) throw new PromlineError('options', `cursor ${name} is open already`)
    const known = retention.places.get(name)
    const place = known ?? this.#createPlace(name)
    // Of a place that is known and damaged nothing is skipped.
    const start = known === undefined ? this.#startOf(options) : log.firstSeq - 1
    retention.places.set(name, place)
    const restarted = place.lanes.arrange(lanes, start)
    const cursor = new DiskCursor(host, place, { cursor: options, restarted })
    retention.cursors.set(name, cursor)
    retention.absent.used(place, known === undefined)
    await place.acks.syncLater()
    return cursor
  }

  /** Everything up to here is not for a sink that has no place yet. */
  #startOf({ name, start }: CursorOptions): number {
    const { retention, log } = this.#assertOpen()
    const { dir, logger } = this.#options
    // Where nobody has a place, what was given up may still be in a segment with what was not.
    const oldest = Math.max(log.firstSeq - 1, retention.places.size === 0 ? retention.absent.unclaimedFloor : 0)
    if (retention.places.size === 0) this.#unclaimedHead = log.head
    const atBeginning = start === 'beginning' || log.head === this.#unclaimedHead
    const bytes = log.bytesAfter(oldest)
    if (bytes > 0) {
      const where = atBeginning ? `with the ${bytes} bytes that are there` : `behind the ${bytes} bytes that are there`
      logger.info({ folder: dir, sink: name, bytes, atBeginning }, `spool ${dir}: sink ${name} is new, and begins ${where}`)
    }
    return atBeginning ? oldest : log.head
  }

  async removeCursor(name: string): Promise<void> {
    const { retention } = this.#assertOpen()
    if (retention.cursors.get(name)?.isClosed === false) throw new PromlineError('options', `cursor ${name} is open: close it first`)
    retention.cursors.delete(name)
    const place = retention.places.get(name)
    if (place === undefined) return
    retention.places.delete(name)
    try {
      await place.acks.remove()
    } catch (error) {
      throw diskError(error, { folder: this.#options.dir })
    }
    retention.collect()
  }

  status(): SpoolStatus {
    const open = this.#open
    const blocked = open?.queue.blocked
    return {
      kind: 'disk',
      head: open?.log.head ?? 0,
      bytes: open?.log.bytes ?? 0,
      maxBytes: this.#options.maxBytes,
      segments: open?.log.segments.length ?? 0,
      ...(blocked !== undefined && { blocked }),
      damagedRecords: this.#damagedRecords,
      tornBytes: this.#tornBytes,
      syncFailures: open?.writer.syncFailures ?? 0,
      unused: open?.retention.absent.unused ?? [],
    }
  }

  close(): Promise<void> {
    this.#opened = true
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const open = this.#open
    if (open === undefined) return
    this.#cancelTick()
    await open.queue.close()
    this.#sealed = true
    open.host.appended.notify()
    await Promise.all([...open.retention.cursors.values()].map((cursor) => cursor.close()))
    await open.retention.settle()
    await open.writer.close()
    await Promise.all([...open.retention.places.values()].map(({ acks }) => acks.close()))
    await open.release()
  }

  async #build(release: () => Promise<void>, onGivenUp: (given: GivenUp) => void): Promise<OpenSpool> {
    const { dir: folder, fileSystem, logger, maxReadBytes } = this.#options
    const recovered = await recover(this.#recoveryOptions())
    this.#damagedRecords = recovered.damagedRecords
    this.#tornBytes = recovered.tornBytes
    const log = new SegmentLog(recovered.segments, recovered.head)
    const interner = new ListInterner()
    const tail = new LiveTail({ maxBytes: this.#options.tailBytes, readSeq: () => retention.readSeq })
    const appended = new Notifier()
    const source = { fileSystem, folder, log, tail, interner, maxReadBytes }
    const retention: Retention = new Retention({
      ...this.#options,
      source,
      activeSegment: () => writer.activeSegment,
      onFreed: () => queue.retry(),
      onGivenUp,
    })
    for (const place of recovered.places) retention.places.set(place.name, place)
    const writer: LogWriter = new LogWriter({ ...this.#options, folder, log, interner, floor: () => retention.floor })
    const onAppended = (batches: readonly SpooledBatch[]): void => {
      for (const batch of batches) tail.push(batch)
      appended.notify()
    }
    const queue: AppendQueue = new AppendQueue({ ...this.#options, folder, writer, retention, onAppended })
    const host = {
      ...source,
      appended,
      isClosed: () => this.#sealed,
      onDamage: () => {
        this.#damagedRecords++
        logger.error({ folder }, `spool ${folder}: a batch turned out to be damaged`)
      },
      onSettled: () => {
        retention.collect()
        queue.wake()
      },
      onLeave: (cursor: DiskCursor) => {
        if (retention.cursors.get(cursor.name) !== cursor) return
        retention.cursors.delete(cursor.name)
        retention.absent.left(cursor.name)
        queue.wake()
      },
    }
    return { host, log, writer, queue, retention, release }
  }

  #recoveryOptions(): RecoveryOptions {
    const { dir, fileSystem, logger, fsync } = this.#options
    return { fileSystem, folder: dir, logger, fsync }
  }

  #createPlace(name: string): Place {
    const { fileSystem, dir } = this.#options
    return createPlace(this.#recoveryOptions(), { name, file: new AckFile(fileSystem, dir, name), stored: undefined })
  }

  #assertOpen(): OpenSpool {
    const { dir } = this.#options
    if (this.#closing !== undefined) throw closedError(dir)
    if (this.#open === undefined) throw notOpenError(dir)
    return this.#open
  }

  #tick(): void {
    const open = this.#open
    if (open === undefined) return
    this.#cancelTick = this.#options.clock.schedule(tickMs, () => {
      void this.#maintain(open).finally(() => {
        if (this.#closing === undefined) this.#tick()
      })
    })
  }

  async #maintain(open: OpenSpool): Promise<void> {
    const { fsync, dir, logger } = this.#options
    if (fsync === 'interval') {
      await Promise.all([open.writer.sync(), ...[...open.retention.places.values()].map(({ acks }) => acks.syncLater())])
    }
    if (open.writer.suspect) open.queue.kick()
    await open.retention.enforceTime().catch((error: unknown) => {
      logger.warn({ folder: dir, error: String(error) }, `spool ${dir}: what is too old, or unused for too long, cannot be given up yet`)
    })
  }
}
