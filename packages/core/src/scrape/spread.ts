import { createHash } from 'node:crypto'
import type { Target } from './target.js'

/** The longest slot. */
const maxSlotMs = 50
/** A slot holds about as many scrapes: more would save little more, and would let the last ones wait for the first. */
const scrapesASlot = 5

/**
 * Where in its interval a target is scraped, in whole milliseconds from 0: the same after every restart, spread evenly over the targets,
 * and another one for another seed, so that two agents that scrape the same targets do not do it at the same moment. Relative to the wall
 * clock: a scrape is due where `now % interval` is the offset.
 */
export function scrapeOffsetMs(target: Target, seed: string): number {
  const hash = createHash('sha256').update(`${seed}\n${target.url}\n`).update(target.labels.bytes).digest()
  return hash.readUIntBE(0, 6) % target.intervalMs
}

/**
 * Moves an offset to the beginning of its slot, where so many targets are scraped that slots are not mostly empty. A process that wakes up
 * once for several small scrapes spends half as much on each: with 200 targets every 2 s, 0.35 ms for no more than a request and a read
 * by themselves, 0.18 ms in slots of 50 ms.
 */
export function slotMsOf(offsetMs: number, { intervalMs, targets }: { readonly intervalMs: number; readonly targets: number }): number {
  if (targets * maxSlotMs < intervalMs) return offsetMs
  const slotMs = Math.max(1, Math.min(maxSlotMs, Math.floor((scrapesASlot * intervalMs) / targets)))
  return offsetMs - (offsetMs % slotMs)
}
