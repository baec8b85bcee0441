import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from '@promline/servers'
import { expect, test } from 'vitest'
import type { Figures } from '../faults/figures.js'
import { testRow } from '../faults/row.js'
import { difference, readAccounts } from './accounts.js'
import { arrivals } from './arrivals.js'
import { fakeInfluxDown } from './fake-influx.js'
import { startPipeline, untilDrained } from './pipeline-program.js'
import { afterTest, temporaryFolder } from './scope.js'
import { isAccepted, WriteClient, type WriteOutcome } from './write-client.js'

const run = promisify(execFile)
const mebibyte = 1024 * 1024
/** What a client does in seconds while a disk is full. */
const refusedTries = 20
/** A request that is taken is answered in milliseconds. */
const soonMs = 2_000

/** A file system of 4 MiB in memory, gone after the test; undefined where mounting is not allowed. */
async function mountSmallDisk(): Promise<string | undefined> {
  const path = await temporaryFolder()
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', path])
  } catch {
    return undefined
  }
  afterTest(() => run('umount', ['-l', path]))
  return path
}

for (const { fault, ...limits } of [
  { fault: 'disk full: the reserve of free space is reached', minFree: '1MiB', ballastBytes: 2.5 * mebibyte },
  { fault: 'disk full: not a byte is left (ENOSPC)', minFree: '0B', ballastBytes: 3.5 * mebibyte },
]) {
  testRow(
    { row: 22, fault, must: 'alive, the receiver says 503, resumes <= 1 s after there is space, accepted = delivered' },
    async (figures, skip) => {
      const disk = await mountSmallDisk()
      if (disk === undefined) return skip('a small file system cannot be mounted here: that takes root, on Linux')
      await fillAndFree(figures, disk, limits)
    },
  )
}

async function fillAndFree(
  figures: Figures,
  disk: string,
  { minFree, ballastBytes }: { minFree: string; ballastBytes: number },
): Promise<void> {
  const influx = await fakeInfluxDown()
  afterTest(() => influx.stop())
  const receiver = await freePort()
  const ballast = join(disk, 'ballast')
  await writeFile(ballast, Buffer.alloc(ballastBytes))
  const pipeline = await startPipeline({
    dataDir: join(disk, 'data'),
    config: `remote_write_receiver: { listen: 127.0.0.1:${receiver} }
spool: { min_free_bytes: ${minFree} }
influx_write: [{ url: '${influx.url}' }]
console: { listen: 127.0.0.1:0 }
`,
  })
  const client = new WriteClient({ url: `http://127.0.0.1:${receiver}/api/v1/write`, name: 'client', seriesPerRequest: 500 })
  await client.untilAccepted()
  client.failures.length = 0
  await untilRefused(client)
  for (let i = 0; i < refusedTries; i++) await client.write()
  for (const failure of client.failures) expect(failure).toMatchObject({ status: 503, text: expect.stringContaining('bytes free') })
  expect(client.failures.length).toBeGreaterThan(refusedTries)
  expect((await pipeline.get('/-/healthy')).status).toBe(200)
  const complaints = pipeline.program
    .output()
    .split('\n')
    .filter((line) => line.includes('bytes free'))
  // The spool says it once, and the receiver; not once more for each request.
  expect(complaints.length, complaints.join('\n')).toBeLessThanOrEqual(2)

  figures.count('requests answered with 503', client.failures.length)

  const full = client.acknowledged
  await rm(ballast)
  const freed = performance.now()
  await client.untilAccepted()
  figures.atMost('resumed after', (performance.now() - freed) / 1_000, { most: 1, unit: 's' })
  for (let i = 0; i < 5; i++) expect(await client.write()).toEqual({ status: 204, text: '' })
  expect(client.acknowledged).toBe(full + 6)

  await influx.start()
  await untilDrained(pipeline, 'receive/influx')
  const { status, stdout } = await pipeline.stop()
  expect(status).toBe(0)
  const account = readAccounts(stdout).get('receive/influx')!
  expect([account.balanced, difference(account), account.delivered]).toEqual([true, 0, client.acknowledged * client.seriesCount])
  const { missing, ...others } = arrivals(influx, [client])
  figures.none('lost', missing, client.acknowledged * client.seriesCount)
  expect(others).toEqual({ foreign: [], outOfOrder: [], duplicates: 0 })
}

async function untilRefused(client: WriteClient): Promise<void> {
  while (isAccepted(await client.write())) {
    // Until the disk is full.
  }
}

test('at the cap of the spool a request waits, and is taken once the target is back', async () => {
  const influx = await fakeInfluxDown()
  afterTest(() => influx.stop())
  const receiver = await freePort()
  const pipeline = await startPipeline({
    config: `remote_write_receiver: { listen: 127.0.0.1:${receiver} }
spool: { max_bytes: 1MiB }
influx_write: [{ url: '${influx.url}' }]
console: { listen: 127.0.0.1:0 }
`,
  })
  const client = new WriteClient({ url: `http://127.0.0.1:${receiver}/api/v1/write`, name: 'client', seriesPerRequest: 1_000 })
  await client.untilAccepted()
  const { waiting } = await untilWaiting(client)
  await influx.start()
  expect(await waiting).toEqual({ status: 204, text: '' })
  await untilDrained(pipeline, 'receive/influx')
  expect((await pipeline.stop()).status).toBe(0)
  expect(arrivals(influx, [client])).toEqual({ missing: [], foreign: [], outOfOrder: [], duplicates: 0 })
})

/** Writes until a request is not answered soon; gives its answer, which is still to come. */
async function untilWaiting(client: WriteClient): Promise<{ waiting: Promise<WriteOutcome> }> {
  for (;;) {
    const waiting = client.write()
    const first = await Promise.race([waiting, sleep(soonMs)])
    if (first === undefined) return { waiting }
    expect(first).toEqual({ status: 204, text: '' })
  }
}
