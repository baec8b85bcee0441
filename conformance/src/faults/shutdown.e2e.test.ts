import { setTimeout as sleep } from 'node:timers/promises'
import type { Program, ProgramExit } from '../e2e/program.js'
import { difference, readAccounts } from '../e2e/accounts.js'
import { untilDrained } from '../e2e/pipeline-program.js'
import { temporaryFolder } from '../e2e/scope.js'
import { fakeReceiverDown, type FakeReceiver, startFakeReceiver } from './fake-receiver.js'
import type { Figures } from './figures.js'
import { createForwarder, forwarderSink } from './forwarder.js'
import { judgeArrivals, secondsSince } from './judge.js'
import { startLoad } from './load.js'
import { besideEachOther, testRow } from './row.js'

/** As people and orchestrators wait for it. */
const maxExitSeconds = 5
const loadMs = 3_000

/** SIGTERM, and how long the program took to be gone. */
async function terminate(program: Program): Promise<ProgramExit & { readonly seconds: number }> {
  const began = performance.now()
  const exit = await program.stop()
  return { ...exit, seconds: secondsSince(began) }
}

besideEachOther('shutdown', () => {
  for (const { target, prepare } of [
    { target: 'refuses connections', prepare: async () => fakeReceiverDown() },
    {
      target: 'never answers',
      prepare: async (): Promise<FakeReceiver> => {
        const receiver = await startFakeReceiver()
        receiver.refuse = () => 'hang'
        return receiver
      },
    },
  ]) {
    testRow({ row: 19, fault: `SIGTERM while the target ${target}`, must: 'exit <= 5 s, 0 lost' }, async (figures) => {
      const receiver = await prepare()
      const forwarder = await createForwarder({ target: receiver.writeUrl })
      const dataDir = await temporaryFolder()
      const first = await forwarder.start({ dataDir })
      await first.pageUrl()
      const load = startLoad({ url: forwarder.url })
      await sleep(loadMs)
      const { seconds, status, stdout } = await terminate(first.program)
      await load.stop()
      expectClean(figures, { status, stdout })
      figures.atMost('exit after', seconds, { most: maxExitSeconds, unit: 's' })

      receiver.refuse = () => undefined
      if (!receiver.isListening) await receiver.start()
      const second = await forwarder.start({ dataDir })
      await untilDrained(second, forwarderSink)
      expectClean(figures, await second.stop())
      judgeArrivals(figures, receiver, load.clients)
    })
  }

  testRow(
    { row: 20, fault: 'SIGTERM while the target is up', must: 'all delivered, exit <= 5 s, no staleness markers' },
    async (figures) => {
      const receiver = await startFakeReceiver()
      const forwarder = await createForwarder({ target: receiver.writeUrl })
      const program = await forwarder.start()
      await program.pageUrl()
      const load = startLoad({ url: forwarder.url, seriesPerRequest: 200, pauseMs: 5 })
      await sleep(loadMs)
      const { seconds, status, stdout } = await terminate(program.program)
      await load.stop()
      expectClean(figures, { status, stdout })
      figures.atMost('exit after', seconds, { most: maxExitSeconds, unit: 's' })
      judgeArrivals(figures, receiver, load.clients)
      figures.count('staleness markers', receiver.stale, { most: 0 })
    },
  )
})

/** It ended by itself, and its accounts balance. */
function expectClean(figures: Figures, { status, stdout }: Pick<ProgramExit, 'status' | 'stdout'>): void {
  const account = readAccounts(stdout).get(forwarderSink)
  if (status !== 0) figures.failed(new Error(`exit status ${status}`))
  if (account?.balanced !== true || difference(account) !== 0) figures.failed(new Error(`the accounts do not balance:\n${stdout}`))
}
