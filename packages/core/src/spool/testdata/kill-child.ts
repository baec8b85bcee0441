import { writeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { createDiskSpool } from '../disk-spool.js'
import { batchNumber } from './batches.js'

/**
 * A process that appends numbered batches until it is killed, and says on its output, before it goes on, what was taken:
 * `A id seq` for an append, `K seq` for an acknowledgement that is on the disk, at the latest, when a segment goes.
 *
 * Arguments: folder, fsync policy, first id.
 */
const [, , dir, policy, firstId] = process.argv
if (dir === undefined || (policy !== 'interval' && policy !== 'always' && policy !== 'os')) throw new Error('usage: kill-child DIR POLICY FIRST')

const spool = createDiskSpool({ dir, fsync: policy, segmentBytes: 8192, tailBytes: 8192, minFreeBytes: 0 })
await spool.open()
const cursor = await spool.cursor({ name: 'sink', lanes: 1, overflow: 'block' })
let id = Number(firstId)

async function append(): Promise<void> {
  const own = id++
  const { seq } = await spool.append(batchNumber(own))
  writeSync(1, `A ${own} ${seq}\n`)
}

/** A sink that lags some way behind. */
async function consume(): Promise<void> {
  const never = new AbortController().signal
  for (let batch = await cursor.next({ signal: never }); batch !== undefined; batch = await cursor.next({ signal: never })) {
    if (batch.seq % 7 !== 0 || batch.seq <= 200) continue
    writeSync(1, `K ${batch.seq - 200}\n`)
    cursor.acknowledge(0, batch.seq - 200)
    await setTimeout(1)
  }
}

void consume()
for (;;) await Promise.all(Array.from({ length: 1 + (id % 5) }, () => append()))
