import { execFile } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { freePort } from '../servers/free-ports.js'
import { waitFor } from '../servers/wait-for.js'
import { difference, readAccounts } from './accounts.js'
import { arrivals } from './arrivals.js'
import { fakeInfluxDown } from './fake-influx.js'
import { startPipeline, untilDrained } from './pipeline-program.js'
import { afterTest, temporaryFolder } from './scope.js'
import { WriteClient, type WriteOutcome } from './write-client.js'

const run = promisify(execFile)
const mebibyte = 1024 * 1024
/** What a client does in seconds while a disk is full. */
const refusedTries = 20

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

for (const { what, minFree } of [
  { what: 'the reserve of free space is reached', minFree: '1MiB' },
  { what: 'not a byte is left', minFree: '0B' },
]) {
  test(`where ${what}, the receiver says 503 until there is room again`, async (context) => {
    const disk = await mountSmallDisk()
    if (disk === undefined) return context.skip('a small file system cannot be mounted here: that takes root, on Linux')
    await fillAndFree(disk, minFree)
  })
}

async function fillAndFree(disk: string, minFree: string): Promise<void> {
  const influx = await fakeInfluxDown()
  afterTest(() => influx.stop())
  const receiver = await freePort()
  const ballast = join(disk, 'ballast')
  await writeFile(ballast, Buffer.alloc(2 * mebibyte))
  const pipeline = await startPipeline({
    dataDir: join(disk, 'data'),
    config: `remote_write_receiver: { listen: 127.0.0.1:${receiver} }
spool: { min_free_bytes: ${minFree} }
influx_write: [{ url: '${influx.url}' }]
console: { listen: 127.0.0.1:0 }
`,
  })
  await pipeline.pageUrl()
  const client = new WriteClient({ url: `http://127.0.0.1:${receiver}/api/v1/write`, name: 'client', seriesPerRequest: 500 })
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

  const full = client.acknowledged
  await rm(ballast)
  await waitFor('room', async () => accepted(await client.write()), { timeoutMs: 2_000 })
  for (let i = 0; i < 5; i++) expect(accepted(await client.write())).toBe(true)
  expect(client.acknowledged).toBe(full + 6)

  await influx.start()
  await untilDrained(pipeline, 'receive/influx')
  const { status, stdout } = await pipeline.stop()
  expect(status).toBe(0)
  const account = readAccounts(stdout).get('receive/influx')!
  expect([account.balanced, difference(account), account.delivered]).toEqual([true, 0, client.acknowledged * client.seriesCount])
  expect(arrivals(influx, [client])).toEqual({ missing: [], foreign: [], outOfOrder: [], duplicates: 0 })
}

function accepted(outcome: WriteOutcome): boolean {
  return 'status' in outcome && outcome.status === 204
}

async function untilRefused(client: WriteClient): Promise<void> {
  while (accepted(await client.write())) {
    // Until the disk is full.
  }
}
