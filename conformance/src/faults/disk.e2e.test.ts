import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { serverAvailable, serverPath, waitFor } from '@promline/servers'
import { expect } from 'vitest'
import { arrivals } from '../e2e/arrivals.js'
import { untilDrained } from '../e2e/pipeline-program.js'
import { temporaryFolder } from '../e2e/scope.js'
import { isAccepted, WriteClient } from '../e2e/write-client.js'
import { damagesOf } from './damage.js'
import { fakeReceiverDown } from './fake-receiver.js'
import { createForwarder, forwarderSink } from './forwarder.js'
import { judgeArrivals } from './judge.js'
import { startLoad } from './load.js'
import { besideEachOther, testRow } from './row.js'

const loadMs = 4_000
/** Of the calls of each thread that force data to the disk, every tenth fails: often enough to hit several segments. */
const everyTenth = '10+10'
const fromTheTenth = '10+'

/** Why calls cannot be made to fail here; in CI, where strace is always installed, only that it is not allowed. */
async function tracingProblem(): Promise<string | undefined> {
  if (!serverAvailable('strace') && process.env['CI'] !== 'true')
    return 'strace is not installed: run node scripts/servers/install.js strace'
  const trace = promisify(execFile)(serverPath('strace'), ['-o', '/dev/null', 'true'])
  return trace.then(
    () => undefined,
    (error: unknown) => `strace may not trace here: ${String(error)}`,
  )
}

/** strace makes calls fail without a change to the program; what it did is in the file. */
async function failingSyncs(when: string): Promise<{ wrapper: readonly string[]; injected: () => Promise<number> }> {
  const file = join(await temporaryFolder(), 'strace')
  const calls = 'fsync,fdatasync'
  const wrapper = [serverPath('strace'), '-f', '-qq', '-o', file, '-e', `trace=${calls}`, '-e', `inject=${calls}:error=EIO:when=${when}`]
  return { wrapper, injected: async () => (await readFile(file, 'utf8')).split('(INJECTED)').length - 1 }
}

/** Each a record of the log. */
const requests = 200

besideEachOther('disks', () => {
  for (const { fault, when, ends } of [
    { fault: 'EIO at every tenth fsync', when: everyTenth, ends: false },
    { fault: 'EIO at every fsync from some moment on', when: fromTheTenth, ends: true },
  ]) {
    const must = ends ? 'alive, nothing acknowledged that is not on the disk' : 'alive, goes on in a new segment, 0 lost'
    testRow({ row: 23, fault, must }, async (figures, skip) => {
      const problem = await tracingProblem()
      if (problem !== undefined) return skip(problem)
      const receiver = await fakeReceiverDown()
      const forwarder = await createForwarder({ target: receiver.writeUrl, spool: 'fsync: always' })
      const dataDir = await temporaryFolder()
      const { wrapper, injected } = await failingSyncs(when)
      const first = await forwarder.start({ dataDir, wrapper })
      await first.pageUrl()
      const load = startLoad({ url: forwarder.url, pauseMs: 5 })
      await waitFor('refused fsync', async () => (await injected()) > 0)
      await sleep(loadMs)
      if (ends) {
        const acknowledged = load.acknowledged()
        await sleep(loadMs)
        figures.count('samples acknowledged after it', load.acknowledged() - acknowledged, { most: 0 })
        const refusals = load.clients.flatMap(({ failures }) => failures)
        expect(refusals.length).toBeGreaterThan(0)
        for (const refusal of refusals) expect(refusal).toMatchObject({ status: 503 })
      }
      figures.count('failures injected', await injected())
      const metrics = await first.metrics()
      expect(Number(/^promline_spool_sync_failures\{pipeline="receive"\} (\d+)/m.exec(metrics)?.[1])).toBeGreaterThan(0)
      await load.stop()
      await first.kill()

      await receiver.start()
      const second = await forwarder.start({ dataDir })
      await second.pageUrl()
      await untilDrained(second, forwarderSink)
      judgeArrivals(figures, receiver, load.clients)
    })
  }

  for (const damage of damagesOf(requests)) {
    testRow({ row: 25, fault: damage.fault, must: damage.must }, async (figures) => {
      const receiver = await fakeReceiverDown()
      const forwarder = await createForwarder({ target: receiver.writeUrl })
      const dataDir = await temporaryFolder()
      const first = await forwarder.start({ dataDir })
      await first.pageUrl()
      const client = new WriteClient({ url: forwarder.url, name: 'client' })
      await client.untilAccepted()
      while (client.acknowledged < requests) expect(isAccepted(await client.write())).toBe(true)
      await first.kill()
      const check = await damage.apply(join(dataDir, 'spool', 'receive'))

      await receiver.start()
      const second = await forwarder.start({ dataDir })
      await second.pageUrl()
      await untilDrained(second, forwarderSink)
      await check()
      expect((await second.stop()).status).toBe(0)
      const { missing, foreign, outOfOrder } = arrivals(receiver, [client])
      const lost = new Set(missing.map((sample) => sample.split(': ')[1]))
      figures.count(`of ${requests} requests lost`, lost.size, { most: damage.mostRequestsLost })
      figures.none('wrong samples', [...foreign, ...outOfOrder])
      // The client gives each value a time of its own.
      expect(new Set(receiver.lines.map(({ timestampMs, fields }) => timestampMs - fields['value']!)).size).toBe(1)
    })
  }
})
