import { type Clock, systemClock } from '../model/clock.js'
import { PromlineError } from '../model/errors.js'
import { type Logger, silentLogger } from '../model/logger.js'
import { type FileSystem, nodeFileSystem } from './file-system.js'
import { assertIntegerOption, minBoundBytes } from './integer-option.js'
import type { FsyncPolicy } from './spool.js'

const kibibyte = 1024
const mebibyte = 1024 * kibibyte
const gibibyte = 1024 * mebibyte

/** Hours of an ordinary pipeline: 100,000 series every 15 s take 53 KB/s. */
const defaultMaxBytes = gibibyte
/** What a log and a shell need to go on where the disk is shared. */
const defaultMinFreeBytes = 64 * mebibyte
/** About 100,000 samples: what one damaged length can cost. */
const defaultMaxRecordBytes = mebibyte
const defaultSegmentBytes = 64 * mebibyte
/** Of a smaller cap a quarter, so that space comes back in steps of that size, but not less than makes sense as a file. */
const segmentsInCap = 4
const minSegmentBytes = 64 * kibibyte
/** Three days: who renames a sink by mistake on a Friday finds its data on Monday. Until then it takes its cap of the disk at most. */
const defaultUnusedGraceMs = 3 * 24 * 60 * 60 * 1000
/** Some fifteen scrapes of 100,000 series: longer than a sink that keeps up is ever behind. */
const defaultTailBytes = 16 * mebibyte

/** As much as a receiver of remote write takes at a time: beyond that those who write are better told to come again later. */
const defaultMaxPendingBytes = 64 * mebibyte
/** Large enough that calls of the system cost nothing, small enough that nobody waits long for others. */
const defaultMaxGroupBytes = 4 * mebibyte
/** What a fast disk takes in a tenth of a second: more often it is not synced for it. */
const defaultMaxUnsyncedBytes = 32 * mebibyte
/** A batch of a million samples. */
const defaultMaxReadBytes = 8 * mebibyte
/** Two million series of 128 bytes: a pipeline of this size plans with gigabytes. */
const defaultMaxDictionaryBytes = 256 * mebibyte

export interface DiskSpoolOptions {
  /** The spool's folder; made where it is missing. One pipeline of one process at a time. */
  readonly dir: string
  /** Cap for each sink: bytes between its oldest unacknowledged batch and the head. Default 1 GiB. */
  readonly maxBytes?: number
  /** What is older is given up, counted with reason `age`. Default: never. */
  readonly maxAgeMs?: number
  /**
   * How long the place of a sink that is not there any more holds the log back, from when that was first noticed; then what waits for it is
   * given up, counted with reason `removed`. Over restarts as well. Default three days.
   */
  readonly unusedGraceMs?: number
  /** Appends are refused while the file system has fewer bytes free. Default 64 MiB; 0: never. */
  readonly minFreeBytes?: number
  /** Default `interval`: 500 ms. A crash of the process loses nothing under any policy; this is about the loss of power. */
  readonly fsync?: FsyncPolicy
  /** Records are cut at this size. Default 1 MiB; 1 KiB at least. */
  readonly maxRecordBytes?: number
  /** A new segment begins at this size, or at 16 times the dictionary where that is more. Default 64 MiB, or a quarter of a smaller cap. */
  readonly segmentBytes?: number
  /** What was appended last, and not read by every cursor, is kept in memory up to this many bytes. Default 16 MiB. */
  readonly tailBytes?: number
  /** What appends hold that wait, in bytes of their columns. Beyond, an append rejects with `spool-full`. Default 64 MiB. */
  readonly maxPendingBytes?: number
  /** Appends that wait together are written together, up to about this size. Default 4 MiB. */
  readonly maxGroupBytes?: number
  /** Under `interval`: what was written and not synced is held in memory, to be written again where a sync fails; a sync comes early here. Default 32 MiB. */
  readonly maxUnsyncedBytes?: number
  /** A sink that lags reads a batch up to this size in one go, a larger one record by record. Default 8 MiB. */
  readonly maxReadBytes?: number
  /** A new segment begins when the dictionary of one reaches this: a sink that lags holds it in memory. Default 256 MiB. */
  readonly maxDictionaryBytes?: number
  /** Default: the file system of Node. */
  readonly fileSystem?: FileSystem
  /** Default: the machine's, with timers that do not keep the process alive. */
  readonly clock?: Clock
  readonly logger?: Logger
}

/** Options with their defaults. */
export type CompleteDiskSpoolOptions = Required<Omit<DiskSpoolOptions, 'maxAgeMs'>> & { readonly maxAgeMs: number | undefined }

type NumberOption = Exclude<keyof DiskSpoolOptions, 'dir' | 'fsync' | 'fileSystem' | 'clock' | 'logger'>

/** The machine's clock: a spool that has nothing to do does not keep a process alive. */
const backgroundClock: Clock = {
  ...systemClock,
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs).unref()
    return () => clearTimeout(timer)
  },
}

/** Checks options and fills in the defaults. Throws a PromlineError (`options`). */
export function validateDiskSpoolOptions(options: DiskSpoolOptions): CompleteDiskSpoolOptions {
  const { dir, maxBytes = defaultMaxBytes, fsync = 'interval' } = options
  if (typeof dir !== 'string' || dir === '') throw new PromlineError('options', 'spool: dir must name a folder')
  if (!['interval', 'always', 'os'].includes(fsync)) {
    throw new PromlineError('options', `spool ${dir}: fsync must be interval, always or os, not ${JSON.stringify(fsync)}`)
  }
  const complete = {
    dir,
    fsync,
    maxBytes,
    maxAgeMs: options.maxAgeMs,
    unusedGraceMs: options.unusedGraceMs ?? defaultUnusedGraceMs,
    minFreeBytes: options.minFreeBytes ?? defaultMinFreeBytes,
    maxRecordBytes: options.maxRecordBytes ?? defaultMaxRecordBytes,
    segmentBytes: options.segmentBytes ?? Math.max(minSegmentBytes, Math.min(defaultSegmentBytes, Math.floor(maxBytes / segmentsInCap))),
    tailBytes: options.tailBytes ?? defaultTailBytes,
    maxPendingBytes: options.maxPendingBytes ?? defaultMaxPendingBytes,
    maxGroupBytes: options.maxGroupBytes ?? defaultMaxGroupBytes,
    maxUnsyncedBytes: options.maxUnsyncedBytes ?? defaultMaxUnsyncedBytes,
    maxReadBytes: options.maxReadBytes ?? defaultMaxReadBytes,
    maxDictionaryBytes: options.maxDictionaryBytes ?? defaultMaxDictionaryBytes,
    fileSystem: options.fileSystem ?? nodeFileSystem,
    clock: options.clock ?? backgroundClock,
    logger: options.logger ?? silentLogger,
  }
  const ranges: readonly (readonly [name: NumberOption, min: number, max?: number])[] = [
    ['maxBytes', minBoundBytes],
    ['unusedGraceMs', 0],
    ['minFreeBytes', 0],
    ['maxRecordBytes', kibibyte, gibibyte],
    // Sixteen times this is the largest segment, whose offsets have 32 bits.
    ['segmentBytes', kibibyte, 128 * mebibyte],
    ['tailBytes', 0],
    ['maxPendingBytes', minBoundBytes],
    ['maxGroupBytes', minBoundBytes],
    ['maxUnsyncedBytes', minBoundBytes],
    ['maxReadBytes', minBoundBytes],
    ['maxDictionaryBytes', minBoundBytes],
    ['maxAgeMs', 1],
  ]
  for (const [name, min, max = Number.MAX_SAFE_INTEGER] of ranges) {
    const value = complete[name]
    if (value !== undefined) assertIntegerOption({ of: `spool ${dir}`, name, value }, { min, max })
  }
  return complete
}
