import { basename, join } from 'node:path'
import { toError } from '../model/errors.js'
import type { Logger } from '../model/logger.js'
import { AckFile } from './ack-file.js'
import { sinkNameOf, type StoredPlace } from './ack-slot.js'
import { type FileSystem, readFully, type SpoolFile, writeFully } from './file-system.js'
import { Place } from './place.js'
import type { Segment } from './segment.js'
import { firstSeqOf, segmentName } from './segment-format.js'
import { type ScannedSegment, scanSegment } from './segment-scan.js'
import type { FsyncPolicy } from './spool.js'

/** Files that nothing could be read from are kept under another name, so many of them; the oldest goes first. */
const maxBadFiles = 8
const badExtension = '.bad'
/** Copied at a time. */
const copyBytes = 4 * 1024 * 1024

export interface RecoveryOptions {
  readonly fileSystem: FileSystem
  readonly folder: string
  readonly logger: Logger
  readonly fsync: FsyncPolicy
}

/** What was found in a folder. */
export interface Recovered {
  readonly segments: readonly Segment[]
  readonly places: readonly Place[]
  /** The last number that was ever given out, as far as anything on the disk says. */
  readonly head: number
  readonly damagedRecords: number
  readonly tornBytes: number
}

/** Reads a spool's folder: where the sinks stand, and which batches are there. Damage is counted and logged, and never makes it fail. */
export async function recover(options: RecoveryOptions): Promise<Recovered> {
  const names = await options.fileSystem.readdir(options.folder)
  const loaded = await loadPlaces(options, names)
  const places = loaded.map(({ place }) => place)
  const firstSeqs = names.flatMap((name) => firstSeqOf(name) ?? []).sort((a, b) => a - b)
  const segments: Segment[] = []
  let damagedRecords = loaded.filter(({ isDamaged }) => isDamaged).length
  let tornBytes = 0
  for (const [i, firstSeq] of firstSeqs.entries()) {
    const scanned = await readSegment(options, { firstSeq, bound: firstSeqs[i + 1] })
    if (scanned === undefined) continue
    damagedRecords += scanned.damagedRecords
    tornBytes += scanned.tornBytes
    if (scanned.segment !== undefined) segments.push(scanned.segment)
  }
  await tidy(options, await options.fileSystem.readdir(options.folder))
  await syncFound(options, () => options.fileSystem.fsyncDir(options.folder))
  const known = [
    0,
    ...segments.map(({ lastSeq }) => lastSeq),
    ...firstSeqs.map((seq) => seq - 1),
    ...places.flatMap(({ lanes }) => lanes.settled),
  ]
  return { segments, places, head: known.reduce((a, b) => Math.max(a, b)), damagedRecords, tornBytes }
}

interface LoadedPlace {
  readonly place: Place
  readonly isDamaged: boolean
}

async function loadPlaces(options: RecoveryOptions, names: readonly string[]): Promise<LoadedPlace[]> {
  const places: LoadedPlace[] = []
  for (const name of names.flatMap((file) => sinkNameOf(file) ?? [])) places.push(await loadPlace(options, name))
  return places
}

async function loadPlace(options: RecoveryOptions, name: string): Promise<LoadedPlace> {
  const { folder, logger } = options
  const file = new AckFile(options.fileSystem, folder, name)
  let stored: StoredPlace | undefined
  try {
    stored = await file.load()
    if (stored === undefined)
      logger.error({ folder, sink: name }, `spool ${folder}: the place of a sink is damaged; it begins at the oldest batch`)
  } catch (error) {
    logger.error(
      { folder, sink: name, error: toError(error).message },
      `spool ${folder}: the place of a sink cannot be read; it begins at the oldest batch`,
    )
  }
  return { place: createPlace(options, { name, file, stored }), isDamaged: stored === undefined }
}

/** The place of a sink, which complains where it cannot be written. */
export function createPlace(
  options: RecoveryOptions,
  place: { readonly name: string; readonly file: AckFile; readonly stored: StoredPlace | undefined },
): Place {
  const { folder, logger } = options
  return new Place({
    ...place,
    syncsEach: options.fsync === 'always',
    onError: (error) =>
      logger.warn(
        { folder, sink: place.name, error: toError(error).message },
        `spool ${folder}: acknowledgements cannot be written; they are tried again`,
      ),
  })
}

interface ReadSegment {
  /** Undefined where the file held nothing and is gone. */
  readonly segment: Segment | undefined
  readonly damagedRecords: number
  readonly tornBytes: number
}

/** Undefined where the file cannot be used. */
async function readSegment(
  options: RecoveryOptions,
  place: { firstSeq: number; bound: number | undefined },
): Promise<ReadSegment | undefined> {
  const { fileSystem, folder, logger } = options
  const name = segmentName(place.firstSeq)
  const path = join(folder, name)
  try {
    const file = await fileSystem.open(path, 'update')
    try {
      const scanned = await scanSegment(file, { firstSeq: place.firstSeq, bound: place.bound ?? Number.POSITIVE_INFINITY })
      const fate = await mend(options, { path, file, scanned, fate: fateOf(scanned, place.bound === undefined) })
      report(options, name, { scanned, fate })
      const kept = fate === 'keep' || fate === 'cut'
      if (kept) await syncFound(options, () => file.datasync())
      const tornBytes = isTorn(scanned, fate) ? scanned.trailingBytes : 0
      return { segment: kept ? scanned.segment : undefined, damagedRecords: damageOf(scanned, fate), tornBytes }
    } finally {
      await file.close()
    }
  } catch (error) {
    // Left as it is: what the disk does not give today it may give tomorrow.
    logger.error(
      { folder, segment: name, error: toError(error).message },
      `spool ${folder}: a segment cannot be read; its batches are missing`,
    )
    return undefined
  }
}

/** Does with a file what is to be done. One that holds batches is read as it is where the disk refuses. */
async function mend(
  options: RecoveryOptions,
  found: { readonly path: string; readonly file: SpoolFile; readonly scanned: ScannedSegment; readonly fate: Fate },
): Promise<Fate> {
  const { fileSystem, folder, logger } = options
  const { path, file, scanned, fate } = found
  try {
    if (fate === 'cut' && scanned.isTrailDamaged) await keepTrail(options, file, scanned)
    if (fate === 'cut') await file.truncate(scanned.segment.size)
    if (fate === 'remove') await fileSystem.unlink(path)
    if (fate === 'put-aside') await fileSystem.rename(path, `${path}${badExtension}`)
    return fate
  } catch (error) {
    if (fate !== 'cut') throw error
    logger.warn({ folder, error: toError(error).message }, `spool ${folder}: the damaged end of ${basename(path)} stays where it is`)
    return 'keep'
  }
}

/** What a process left behind that died is in the system's memory at best: from now on it is ours to keep. */
async function syncFound(options: RecoveryOptions, sync: () => Promise<void>): Promise<void> {
  const { fsync, folder, logger } = options
  if (fsync === 'os') return
  await sync().catch((error: unknown) => {
    logger.error(
      { folder, error: toError(error).message },
      `spool ${folder}: what was found cannot be forced to the disk; a loss of power may take it`,
    )
  })
}

type Fate = 'keep' | 'cut' | 'remove' | 'put-aside'

function fateOf(scanned: ScannedSegment, isLast: boolean): Fate {
  const { segment, header, trailingBytes, isTrailDamaged } = scanned
  const holdsBatches = segment.lastSeq >= segment.firstSeq
  if (header === 'unknown') return 'put-aside'
  if (holdsBatches) return isLast && trailingBytes > 0 ? 'cut' : 'keep'
  // Without a batch: a segment that had just begun, or one of which nothing can be read.
  if (header !== 'damaged' && !isTrailDamaged && (isLast || trailingBytes === 0)) return 'remove'
  return 'put-aside'
}

/** Whether something goes that was never complete. */
function isTorn({ isTrailDamaged }: ScannedSegment, fate: Fate): boolean {
  return (fate === 'cut' || fate === 'remove') && !isTrailDamaged
}

/** Keeps a copy of what is behind the last complete batch, under the name of a segment that would begin there. */
async function keepTrail(
  { fileSystem, folder }: RecoveryOptions,
  file: SpoolFile,
  { segment, trailingBytes }: ScannedSegment,
): Promise<void> {
  const copy = await fileSystem.open(join(folder, `${segmentName(segment.lastSeq + 1)}${badExtension}`), 'create')
  try {
    for (let done = 0; done < trailingBytes; ) {
      const bytes = Buffer.alloc(Math.min(copyBytes, trailingBytes - done))
      const read = await readFully(file, bytes, segment.size + done)
      await writeFully(copy, [bytes.subarray(0, read)], done)
      done += bytes.length
    }
    await copy.datasync()
  } finally {
    await copy.close()
  }
}

function damageOf(scanned: ScannedSegment, fate: Fate): number {
  const header = scanned.header === 'damaged' || scanned.header === 'unknown' ? 1 : 0
  const rest = scanned.header !== 'unknown' && scanned.trailingBytes > 0 && !isTorn(scanned, fate) ? 1 : 0
  return scanned.damagedRecords + header + rest
}

function report(options: RecoveryOptions, segment: string, found: { scanned: ScannedSegment; fate: Fate }): void {
  const { folder, logger } = options
  const { scanned, fate } = found
  const { header, trailingBytes } = scanned
  const damagedRecords = damageOf(scanned, fate)
  if (fate === 'put-aside')
    logger.error(
      { folder, segment, header },
      `spool ${folder}: nothing can be read from a segment; it is kept as ${segment}${badExtension}`,
    )
  else if (damagedRecords > 0) logger.error({ folder, segment, damagedRecords }, `spool ${folder}: damaged records are passed over`)
  if (isTorn(scanned, fate) && trailingBytes > 0) {
    logger.warn(
      { folder, segment, tornBytes: trailingBytes },
      `spool ${folder}: the end of the log, written last before a crash, is incomplete and was cut off`,
    )
  }
}

/** Removes files that were given up in the making, and the oldest of those that were put aside. */
async function tidy(options: RecoveryOptions, names: readonly string[]): Promise<void> {
  const { fileSystem, folder, logger } = options
  const passing = extended(names, '.new', (base) => firstSeqOf(base) !== undefined || sinkNameOf(base) !== undefined)
  const bad = extended(names, badExtension, (base) => firstSeqOf(base) !== undefined).sort()
  const surplus = bad.slice(0, Math.max(0, bad.length - maxBadFiles))
  for (const name of surplus)
    logger.error(
      { folder, segment: name, maxBadFiles },
      `spool ${folder}: a segment that could not be read is deleted to make room for newer ones`,
    )
  for (const name of [...passing, ...surplus]) await fileSystem.unlink(join(folder, name)).catch(() => {})
}

/** The names that are one which `isBase` knows, with an extension behind it. */
function extended(names: readonly string[], extension: string, isBase: (name: string) => boolean): string[] {
  return names.filter((name) => name.endsWith(extension) && isBase(name.slice(0, -extension.length)))
}
