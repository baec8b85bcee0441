import { setImmediate } from 'node:timers/promises'
import { createDiskSpool } from '../disk-spool.js'
import type { DiskSpoolOptions } from '../disk-spool-options.js'
import type { Cursor, CursorOptions, Spool } from '../spool.js'
import { batchNumber, numberOf, readToHead } from './batches.js'
import type { FakeDisk } from './fake-disk.js'
import { ManualClock } from './manual-clock.js'

/** A spool on a fake disk whose clock stands. */
export async function openSpool(disk: FakeDisk, options: Partial<DiskSpoolOptions> = {}): Promise<Spool> {
  const spool = createDiskSpool({ dir: '/spool', minFreeBytes: 0, fileSystem: disk, clock: new ManualClock(), ...options })
  await spool.open()
  return spool
}

export function openCursor(spool: Spool, options: Partial<CursorOptions> = {}): Promise<Cursor> {
  return spool.cursor({ name: 'sink', lanes: 1, overflow: 'block', ...options })
}

export async function appendNumbers(spool: Spool, from: number, to: number): Promise<void> {
  for (let id = from; id <= to; id++) await spool.append(batchNumber(id))
}

/** The numbers of what a cursor has ahead of it. */
export async function readNumbers(spool: Spool, cursor: Cursor): Promise<number[]> {
  return (await readToHead(spool, cursor)).map(({ batch }) => numberOf(batch))
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i)
}

/** Lets everything run that waits for nothing but the fake disk. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await setImmediate()
}

/** What a promise came to so far. */
export async function stateOf(promise: Promise<unknown>): Promise<string> {
  let state = 'pending'
  promise.then(
    () => {
      state = 'resolved'
    },
    (error: unknown) => {
      state = String(error)
    },
  )
  await settle()
  return state
}
