import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, type TestContext } from 'vitest'

type OnFinished = TestContext['onTestFinished']

/** The test that runs here: vitest itself knows only one at a time. */
const runningTest = new AsyncLocalStorage<OnFinished>()

/** Runs the body of a test that other tests run beside: what it starts is stopped after it, not after one of them. */
export function runConcurrently<T>(context: Pick<TestContext, 'onTestFinished'>, body: () => T): T {
  return runningTest.run(context.onTestFinished, body)
}

/** Stops something after the test, whatever becomes of it; what was started last is stopped first. */
export function afterTest(stop: () => unknown): void {
  const onFinished = runningTest.getStore() ?? onTestFinished
  onFinished(async () => {
    await stop()
  })
}

/** A server or program of this test alone. */
export async function started<T extends { stop(): Promise<unknown> }>(starting: Promise<T>): Promise<T> {
  const running = await starting
  afterTest(() => running.stop())
  return running
}

/** An empty folder, gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'promline-e2e-'))
  afterTest(() => rm(path, { recursive: true, force: true, maxRetries: 5 }))
  return path
}
