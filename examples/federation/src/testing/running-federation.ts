import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '@promline/core'
import { afterAll, beforeAll } from 'vitest'
import { type Federation, startFederation } from '../demo/federation.js'
import { paces } from '../demo/pace.js'
import { takeFreePorts } from '../demo/ports.js'

/** A federation for the tests of a file. */
export interface RunningFederation {
  /** Up from the first test to the last. */
  readonly federation: Federation
  /** What it has logged so far, one line each: `warn: message`. */
  readonly log: readonly string[]
}

/**
 * Starts a federation before the tests of a suite and stops it after them: on free ports, at the fast pace, in a folder of its own. The
 * built program must be there.
 */
export function useFederation(): RunningFederation {
  const log: string[] = []
  let federation: Federation | undefined
  let dataDir: string | undefined
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'promline-federation-'))
    federation = await startFederation({ dataDir, ports: await takeFreePorts(), pace: paces.fast, logger: recordingLogger(log) })
  })
  afterAll(async () => {
    await federation?.stop()
    if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  })
  return {
    get federation() {
      if (federation === undefined) throw new Error('the federation is not up: only tests may use it')
      return federation
    },
    log,
  }
}

function recordingLogger(log: string[]): Logger {
  const record =
    (level: string): Logger['info'] =>
    (_, message) => {
      log.push(`${level}: ${message}`)
    }
  return { debug() {}, info: record('info'), warn: record('warn'), error: record('error') }
}
