import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLoad, type Load } from './load.js'
import type { LogSubject, OpenLog } from './log.js'
import type { SpoolCase } from './comparisons.js'

/** One round of one log. */
export interface SpoolFigures {
  readonly appendMbPerSecond: number
  readonly appendCpuSeconds: number
  readonly reopenSeconds: number
  readonly readMillionsPerSecond: number
  readonly readCpuSeconds: number
}

/** As many sources as append at the same time: a receiver's clients, a scraper's targets. */
const appenders = 64

interface Timed {
  readonly seconds: number
  readonly cpuSeconds: number
}

/** Fills a log in a folder of its own, opens it again and reads it, twice: timed, and compared. Rejects where a batch is not what it was. */
export async function measureLog(subject: LogSubject, { corpus, bytes }: SpoolCase): Promise<SpoolFigures> {
  const load = await createLoad(corpus, bytes)
  const dir = await mkdtemp(join(tmpdir(), 'promline-bench-spool-'))
  try {
    let log = await subject.open(dir, load)
    const appended = await timed(() => appendAll(log, load))
    await log.close()
    const reopened = await timed(async () => {
      log = await subject.open(dir, load)
    })
    let samples = 0
    const count = (_: number, values: readonly Float64Array[]): void => {
      for (const { length } of values) samples += length
    }
    const read = await timed(() => log.read(count))
    await check(log, load)
    await log.close()
    return {
      appendMbPerSecond: load.bytes / 1e6 / appended.seconds,
      appendCpuSeconds: appended.cpuSeconds / (load.bytes / 1e9),
      reopenSeconds: reopened.seconds,
      readMillionsPerSecond: samples / 1e6 / read.seconds,
      readCpuSeconds: read.cpuSeconds / (load.bytes / 1e9),
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function appendAll(log: OpenLog, load: Load): Promise<void> {
  let next = 0
  const appendSome = async (): Promise<void> => {
    while (next < load.batches) await log.append(next++)
  }
  await Promise.all(Array.from({ length: appenders }, appendSome))
}

async function check(log: OpenLog, load: Load): Promise<void> {
  let count = 0
  await log.read((index, values) => {
    if (index !== count++) throw new Error(`batch ${index} where ${count - 1} belongs`)
    load.assertValues(index, values)
  })
  if (count !== load.batches) throw new Error(`${count} batches, ${load.batches} were appended`)
}

async function timed(work: () => Promise<void>): Promise<Timed> {
  const cpu = process.cpuUsage()
  const begin = performance.now()
  await work()
  const { user, system } = process.cpuUsage(cpu)
  return { seconds: (performance.now() - begin) / 1000, cpuSeconds: (user + system) / 1e6 }
}
