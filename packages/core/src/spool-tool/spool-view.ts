import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isPromlineError, PromlineError, systemCode } from '../model/errors.js'
import { ackFileName, decodeAckFile, maxAckFileBytes, sinkNameOf, type StoredPlace } from '../spool/ack-slot.js'
import { diskError } from '../spool/disk-error.js'
import { type FileSystem, nodeFileSystem, readFully } from '../spool/file-system.js'
import { ListInterner } from '../records/list-interner.js'
import { LiveTail } from '../spool/live-tail.js'
import { ownerOf } from '../spool/lock.js'
import { lockFileName } from '../spool/lock-owner.js'
import { LogReader, type ReadableLog } from '../spool/log-reader.js'
import { firstSeqOf, segmentName } from '../spool/segment-format.js'
import { SegmentLog } from '../spool/segment-log.js'
import type { SkimmedBatch } from '../spool/segment-reader.js'
import { type ScannedSegment, scanSegment } from '../spool/segment-scan.js'
import type { SpooledBatch } from '../spool/spool.js'

/** A larger batch is read record by record, as by a spool with default options. */
const maxReadBytes = 8 * 1024 * 1024

/** A segment as it was when it was looked at. */
export interface ViewedSegment extends ScannedSegment {
  readonly fileBytes: number
}

/** Where a sink stands, by its file. */
export interface ViewedPlace {
  readonly name: string
  /** Undefined where the file is damaged: the sink would begin at the oldest batch. */
  readonly stored: StoredPlace | undefined
}

/**
 * What lies in a spool's folder, read without a lock and without writing: beside a process that writes it is what was complete at that
 * moment, and what that process deletes meanwhile is missing.
 */
export interface SpoolView {
  readonly dir: string
  readonly log: SegmentLog
  readonly segments: readonly ViewedSegment[]
  readonly places: readonly ViewedPlace[]
  /** The process that has the folder open; undefined where none is. */
  readonly ownerPid: number | undefined
  /** Files that were put aside because nothing could be read from them. */
  readonly badFiles: readonly string[]
  /** Batches from a number on, in order, or what is known of those that are damaged. */
  read(from: number): AsyncGenerator<SpooledBatch | { readonly damaged: SkimmedBatch }>
  /** The same without their columns. */
  skim(from: number): AsyncGenerator<SkimmedBatch>
}

/** Looks at a folder. Rejects with a PromlineError (`options`) where there is no spool, and with `spool-io` where it cannot be read. */
export async function viewSpool(dir: string): Promise<SpoolView> {
  try {
    return await view(dir, nodeFileSystem)
  } catch (error) {
    throw isPromlineError(error) ? error : diskError(error, { folder: dir })
  }
}

async function view(dir: string, fileSystem: FileSystem): Promise<SpoolView> {
  if (!(await isFolder(dir))) throw new PromlineError('options', `${dir} is not a folder`)
  // Places first: a batch that is settled meanwhile is shown as one that waits, and not the other way round.
  const names = await fileSystem.readdir(dir)
  const places = await present(names.flatMap((name) => sinkNameOf(name) ?? []).map((name) => viewPlace(fileSystem, dir, name)))
  const firstSeqs = names.flatMap((name) => firstSeqOf(name) ?? []).sort((a, b) => a - b)
  if (places.length + firstSeqs.length === 0 && !names.includes(lockFileName)) {
    const inside = await spoolsIn(fileSystem, dir, names)
    const hint = inside.length === 0 ? '' : `; these do: ${inside.join(', ')}`
    throw new PromlineError('options', `${dir} holds no spool: no *.seg, no *.ack${hint}`)
  }
  const segments = await present(
    firstSeqs.map((firstSeq, i) => viewSegment(fileSystem, dir, { firstSeq, bound: firstSeqs[i + 1] ?? Number.POSITIVE_INFINITY })),
  )
  const held = segments.flatMap(({ segment }) => (segment.lastSeq >= segment.firstSeq ? [segment] : []))
  const head = Math.max(0, ...held.map(({ lastSeq }) => lastSeq), ...places.flatMap(({ stored }) => stored?.lanes ?? []))
  const log = new SegmentLog(held, head)
  const tail = new LiveTail({ maxBytes: 0, readSeq: () => 0 })
  const source = { fileSystem, folder: dir, log, tail, interner: new ListInterner(), maxReadBytes }
  return {
    dir,
    log,
    segments,
    places,
    ownerPid: (await ownerOf(dir))?.pid,
    badFiles: names.filter((name) => name.endsWith('.bad')),
    read: (from) => visit(source, from, { skims: false, one: (reader, seq) => reader.read(seq) }),
    skim: (from) => visit(source, from, { skims: true, one: (reader, seq) => reader.skim(seq) }),
  }
}

/** False where there is nothing, or something else. Rejects where the system does not tell. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return false
    throw error
  }
}

/** Folders of a folder that are spools: a pipeline keeps its spool below the data folder that its user knows. */
async function spoolsIn(fileSystem: FileSystem, dir: string, names: readonly string[]): Promise<string[]> {
  const paths = names.map((name) => join(dir, name)).sort()
  const found = await Promise.all(
    paths.map(async (path) => {
      const inside = await fileSystem.readdir(path).catch(() => [])
      return inside.some((name) => sinkNameOf(name) !== undefined || firstSeqOf(name) !== undefined)
    }),
  )
  return paths.filter((_, i) => found[i])
}

/** Those that did not vanish while they were looked at. */
async function present<Thing>(things: readonly Promise<Thing>[]): Promise<Thing[]> {
  const found: Thing[] = []
  for (const result of await Promise.allSettled(things)) {
    if (result.status === 'fulfilled') found.push(result.value)
    else if (systemCode(result.reason) !== 'ENOENT') throw result.reason
  }
  return found
}

async function viewPlace(fileSystem: FileSystem, dir: string, name: string): Promise<ViewedPlace> {
  const bytes = await readSmall(fileSystem, join(dir, ackFileName(name)), maxAckFileBytes)
  return { name, stored: decodeAckFile(bytes) }
}

async function viewSegment(fileSystem: FileSystem, dir: string, place: { firstSeq: number; bound: number }): Promise<ViewedSegment> {
  const file = await fileSystem.open(join(dir, segmentName(place.firstSeq)), 'read')
  try {
    const fileBytes = await file.size()
    return { ...(await scanSegment(file, place)), fileBytes }
  } finally {
    await file.close()
  }
}

async function readSmall(fileSystem: FileSystem, path: string, maxBytes: number): Promise<Buffer> {
  const file = await fileSystem.open(path, 'read')
  try {
    const bytes = Buffer.alloc(Math.min(await file.size(), maxBytes))
    return bytes.subarray(0, await readFully(file, bytes, 0))
  } finally {
    await file.close()
  }
}

async function* visit<Found>(
  source: ReadableLog,
  from: number,
  how: { readonly skims: boolean; readonly one: (reader: LogReader, seq: number) => Promise<Found | undefined> },
): AsyncGenerator<Found> {
  const { log } = source
  const reader = new LogReader(source, { skims: how.skims })
  try {
    for (let seq = log.nextHeld(from); seq !== undefined; seq = log.nextHeld(seq + 1)) {
      try {
        const found = await how.one(reader, seq)
        if (found !== undefined) yield found
      } catch (error) {
        if (systemCode(error) !== 'ENOENT') throw error
        // Deleted by the process that writes: everybody has settled what was in it.
        seq = log.segmentOf(seq)?.lastSeq ?? seq
      }
    }
  } finally {
    await reader.close()
  }
}
