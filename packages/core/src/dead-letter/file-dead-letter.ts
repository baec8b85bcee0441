import { mkdir, open, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createLineFile } from '../files/line-file.js'
import type { Batch } from '../model/batch.js'
import { encodeUtf8 } from '../model/bytes.js'
import { PromlineError } from '../model/errors.js'
import { type Logger, silentLogger } from '../model/logger.js'
import { divideBySize, halve } from '../division/divide.js'
import { writeJson } from '../formats/exact-json.js'
import { sampleLinesOf } from '../formats/sample-lines.js'
import type { DeadLetter } from '../delivery/sink.js'

export interface FileDeadLetterOptions {
  /** The folder; made where it is missing. One process writes it at a time. */
  readonly dir: string
  /** Bytes of all files together, at most; the oldest samples go first. At least 8 KiB. Default 64 MiB. */
  readonly maxBytes?: number
  readonly logger?: Logger
}

/** A dead letter in a folder. */
export interface FileDeadLetter extends DeadLetter {
  /** What went to make room, since the start. */
  readonly discarded: { readonly lines: number; readonly samples: number }
}

/** Half a million refused samples of common length. */
const defaultMaxBytes = 64 * 1024 * 1024
/** When the oldest file goes, an eighth of what was kept goes. */
const files = 8
/** Below this a file could not hold a line of usual length. */
const minMaxBytes = files * 1024
/** A line holds this many samples at most, some 200 KB: batches may be far larger than anyone wants to read. */
const maxSamplesPerLine = 1_000

/**
 * A dead letter in files of lines: `dead-letter.ndjson`, which is written, and `dead-letter.1.ndjson` (the youngest before it) and so on. Each
 * line is `{"sink","reason","message","origin":{"kind","id","tenant"?},"samples":[...]}`, see `sampleLinesOf`; a large batch takes several.
 * A write resolves when its lines are on the disk; rejects with PromlineError `disk-full` or `disk-io`. Throws a PromlineError (`options`).
 */
export function createFileDeadLetter(options: FileDeadLetterOptions): FileDeadLetter {
  const { dir, maxBytes = defaultMaxBytes, logger = silentLogger } = options
  if (!Number.isSafeInteger(maxBytes) || maxBytes < minMaxBytes) {
    throw new PromlineError(
      'options',
      `dead letter ${dir}: maxBytes must be a whole number, at least ${minMaxBytes}, not ${String(maxBytes)}`,
    )
  }
  const maxFileBytes = Math.floor(maxBytes / files)
  const discarded = { lines: 0, samples: 0 }
  const count = (lines: number, samples: number): void => {
    discarded.lines += lines
    discarded.samples += samples
  }
  const discard = async (path: string): Promise<void> => {
    const { lines, samples } = await countLines(path)
    await unlink(path)
    count(lines, samples)
    logger.error({ path, lines, samples }, `the dead letter ${dir} is full: its ${samples} oldest samples were deleted.`)
  }
  const file = createLineFile({
    path: join(dir, 'dead-letter.ndjson'),
    maxFileBytes,
    maxFiles: files,
    fileSystem: { open, stat, mkdir, rename, unlink: discard },
  })
  return {
    discarded,
    async write(batch, reason) {
      const lines = divideBySize([batch], maxSamplesPerLine).flatMap((run) => linesOf(run, headOf(batch, reason), maxFileBytes))
      const fitting = lines.filter((line) => line.length <= maxFileBytes)
      await Promise.all(packsOf(fitting, maxFileBytes).map((pack) => file.append(pack)))
      const tooLong = lines.length - fitting.length
      if (tooLong === 0) return
      count(tooLong, tooLong)
      logger.error(
        { dir, samples: tooLong },
        `the dead letter ${dir} has no room for ${tooLong} samples of more than ${maxFileBytes} bytes each.`,
      )
    },
    close: () => file.close(),
  }
}

/** What stands before the samples of each line. */
function headOf(batch: Batch, why: Parameters<DeadLetter['write']>[1]): string {
  const { kind, id, tenant } = batch.origin
  return writeJson({ sink: why.sink, reason: why.reason, message: why.message, origin: { kind, id, tenant } }).slice(0, -1)
}

/** Batches as one line, or as several where it would be longer than a file; a single sample stays whole. */
function linesOf(batches: readonly Batch[], head: string, maxBytes: number): readonly Uint8Array[] {
  const line = encodeUtf8(`${head},"samples":[${batches.flatMap(sampleLinesOf).join(',')}]}\n`)
  const halves = line.length > maxBytes ? halve(batches) : undefined
  return halves === undefined ? [line] : halves.flatMap((half) => linesOf(half, head, maxBytes))
}

/** Lines put together as far as a file holds them: one write each. */
function packsOf(lines: readonly Uint8Array[], maxBytes: number): readonly Uint8Array[] {
  const packs: Uint8Array[][] = []
  let room = 0
  for (const line of lines) {
    if (line.length > room) {
      packs.push([])
      room = maxBytes
    }
    packs.at(-1)?.push(line)
    room -= line.length
  }
  return packs.map((pack) => Buffer.concat(pack))
}

async function countLines(path: string): Promise<{ readonly lines: number; readonly samples: number }> {
  const counted = { lines: 0, samples: 0 }
  const handle = await open(path, 'r')
  // Closes the handle at its end.
  for await (const line of handle.readLines()) {
    counted.lines++
    counted.samples += samplesIn(line)
  }
  return counted
}

function samplesIn(line: string): number {
  try {
    const parsed: unknown = JSON.parse(line)
    return typeof parsed === 'object' && parsed !== null && 'samples' in parsed && Array.isArray(parsed.samples) ? parsed.samples.length : 0
  } catch {
    // A line that somebody else wrote: no sample of ours.
    return 0
  }
}
