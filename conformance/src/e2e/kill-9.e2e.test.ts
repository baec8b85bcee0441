import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, waitFor } from '@promline/servers'
import { expect } from 'vitest'
import { judgeArrivals, secondsSince } from '../faults/judge.js'
import { processorSeconds } from '../faults/processor-time.js'
import { testRow } from '../faults/row.js'
import { difference, readAccounts } from './accounts.js'
import { fakeInfluxDown } from './fake-influx.js'
import { startPipeline, untilDrained } from './pipeline-program.js'
import type { Program } from './program.js'
import { afterTest, temporaryFolder } from './scope.js'
import { seededRandom } from './seeded-random.js'
import { isAccepted, WriteClient } from './write-client.js'

const clientCount = 3
/** Every fourth kill comes while the program starts and recovers; the others a moment after it took something. */
const startKillEvery = 4
const longestStartMs = 600
const longestLifeMs = 200
/** What is in the spool is small: what a gigabyte more takes is measured by the spool's benchmark. */
const maxStartSeconds = 2
/** A client of a server that is away comes again soon: it should meet every moment of the start. */
const clientPauseMs = 50

testRow(
  { row: 17, fault: 'kill -9 of the pipeline, 20 times, target down', must: '0 lost, ready after <= 2 s of processor time' },
  async (figures) => {
    const influx = await fakeInfluxDown()
    afterTest(() => influx.stop())
    const receiverPort = await freePort()
    const dataDir = await temporaryFolder()
    const config = `remote_write_receiver: { listen: 127.0.0.1:${receiverPort} }
influx_write: [{ url: '${influx.url}' }]
console: { listen: 127.0.0.1:0 }
`
    const start = () => startPipeline({ config, dataDir })
    const clients = createClients(receiverPort)
    await killWhileWriting({ kills: 20, seed: 9, clients, start: async () => (await start()).program })

    await influx.start()
    const began = performance.now()
    const last = await start()
    await last.pageUrl()
    const startSeconds = secondsSince(began)
    const startUsage = await processorSeconds(last.program.pid)
    await untilDrained(last, 'receive/influx')
    const { status, stdout } = await last.stop()
    expect(status).toBe(0)
    const account = readAccounts(stdout).get('receive/influx')!
    expect([account.balanced, difference(account), account.spooled, account.rejected, account.dropped]).toEqual([true, 0, 0, 0, 0])
    expect(account.recovered).toBe(influx.lines.length)

    // What the target never saw before comes in the order of the log; what comes twice was sent twice.
    judgeArrivals(figures, influx, clients)
    // Nearly all of it is node's start and loading, and how long that takes depends on who else is on the machine.
    figures.note(`ready after ${startSeconds.toFixed(1)} s`)
    if (startUsage !== undefined) figures.atMost('which took', startUsage, { most: maxStartSeconds, unit: 's of the processor' })
  },
)

function createClients(receiverPort: number): WriteClient[] {
  const url = `http://127.0.0.1:${receiverPort}/api/v1/write`
  return Array.from({ length: clientCount }, (_, i) => new WriteClient({ url, name: `client-${i}`, seriesPerRequest: i + 1 }))
}

interface Killing {
  readonly kills: number
  readonly seed: number
  readonly clients: readonly WriteClient[]
  readonly start: () => Promise<Program>
}

/** Starts and kills the program again and again while all clients write. */
async function killWhileWriting({ kills, seed, clients, start }: Killing): Promise<void> {
  const random = seededRandom(seed)
  const over = new AbortController()
  const writing = clients.map(async (client) => {
    while (!over.signal.aborted) {
      if (!isAccepted(await client.write())) await sleep(clientPauseMs)
    }
  })
  const acknowledged = (): number => clients.reduce((sum, client) => sum + client.acknowledged, 0)
  try {
    for (let kill = 1; kill <= kills; kill++) {
      const before = acknowledged()
      const program = await start()
      if (kill % startKillEvery === 0) await sleep(random() * longestStartMs)
      else {
        await waitFor('acknowledged request', () => acknowledged() > before)
        await sleep(random() * longestLifeMs)
      }
      await program.kill()
    }
  } finally {
    over.abort()
    await Promise.all(writing)
  }
}
