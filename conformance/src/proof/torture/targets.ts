import { setTimeout as sleep } from 'node:timers/promises'
import type { ChildProgram } from '../../programs/child-program.js'
import { Ledger } from './ledger.js'
import type { Mood } from './mood.js'
import { createTarget, type Target } from './target.js'
import type { Writer } from './writer.js'

/** Two of a kind share the relay's code, and still are two. */
const kinds = ['remote-write', 'influx', 'remote-write'] as const
/** Everything left must arrive within this: seconds on an idle machine. */
const maxDrainMs = 120_000
const pollMs = 20

/** The targets of a relay that `writers` write to, down at first; `fork` gives each the numbers that it draws. */
export async function createTargets(writers: readonly Writer[], fork: () => () => number): Promise<Target[]> {
  const targets: Target[] = []
  for (const [i, kind] of kinds.entries()) {
    targets.push(await createTarget({ kind, ledger: new Ledger(`${kind} ${i}`, writers), random: fork() }))
  }
  return targets
}

/** The testee's arguments for a relay that sends to the targets, and keeps at most so many bytes for each. */
export function sinkArguments(targets: readonly Target[], maxBytes: number): string[] {
  return targets.flatMap(({ argument }) => ['--sink', `${argument}${argument.includes('?') ? '&' : '?'}promline.max_bytes=${maxBytes}`])
}

export async function setMoods(targets: readonly Target[], mood: Mood): Promise<void> {
  await Promise.all(targets.map((target) => target.setMood(mood)))
}

/** Waits until all that was acknowledged has arrived, the relay is over, or it takes too long; notes what is missing then. */
export async function untilComplete(targets: readonly Target[], relay: ChildProgram): Promise<void> {
  const deadline = performance.now() + maxDrainMs
  const isComplete = (): boolean => targets.every(({ ledger }) => ledger.isComplete)
  while (!isComplete() && !relay.isOver && performance.now() < deadline) await sleep(pollMs)
  for (const { ledger } of targets) ledger.noteMissing()
}
