import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { untilDrained } from '../e2e/pipeline-program.js'
import { fakeReceiverDown } from './fake-receiver.js'
import { createForwarder, forwarderSink } from './forwarder.js'
import { judgeArrivals } from './judge.js'
import { startLoad } from './load.js'
import { inFull, testRow } from './row.js'

const heapMebibytes = 128
/** The heap, what Node itself takes (60 MB), and what requests, the live tail and the lanes may hold outside of it. */
const mostMebibytes = 400
const loadMs = inFull ? 120_000 : 10_000
const clients = 12

testRow(
  {
    row: 21,
    fault: `as much load as comes, target down, a heap of ${heapMebibytes} MiB`,
    must: `back-pressure, no death, RSS <= ${mostMebibytes} MiB, 0 lost`,
    takesMs: loadMs,
  },
  async (figures) => {
    const receiver = await fakeReceiverDown()
    const forwarder = await createForwarder({ target: receiver.writeUrl, spool: 'max_bytes: 32MiB' })
    const program = await forwarder.start({ nodeArgs: [`--max-old-space-size=${heapMebibytes}`] })
    await program.pageUrl()
    const load = startLoad({ url: forwarder.url, clients, seriesPerRequest: 5_000, pauseMs: 0 })
    await sleep(loadMs)
    figures.count('samples taken', load.acknowledged())
    const status = await readFile(`/proc/${program.program.pid}/status`, 'utf8').catch(() => '')
    const peak = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024
    figures.atMost('RSS at most', peak, { most: mostMebibytes, unit: 'MiB' })
    expect((await program.get('/-/healthy')).status).toBe(200)
    await receiver.start()
    await load.stop()
    await untilDrained(program, forwarderSink)
    judgeArrivals(figures, receiver, load.clients)
    expect((await program.stop()).status).toBe(0)
  },
)
