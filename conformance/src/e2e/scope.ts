import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Stops something after the test, whatever becomes of it; what was started last is stopped first. */
export function afterTest(stop: () => unknown): void {
  onTestFinished(async () => {
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
