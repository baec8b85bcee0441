import { readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { serverPath } from '@promline/servers'
import { temporaryFolder } from '../e2e/scope.js'

/** A wall clock that can be moved under a running program; its monotonic clock goes on (libfaketime). */
export interface WallClock {
  /** The program's environment. */
  readonly env: NodeJS.ProcessEnv
  /** Seconds from the machine's own, from now on. */
  move(seconds: number): Promise<void>
}

export async function createWallClock(): Promise<WallClock> {
  const file = join(await temporaryFolder(), 'offset')
  const move = (seconds: number): Promise<void> => writeFile(file, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}\n`)
  await move(0)
  return {
    env: {
      ...process.env,
      LD_PRELOAD: await libfaketime(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
    move,
  }
}

/** For programs with threads. */
async function libfaketime(): Promise<string> {
  const lib = join(dirname(serverPath('faketime')), 'root', 'usr', 'lib')
  const [platform = ''] = await readdir(lib)
  return join(lib, platform, 'faketime', 'libfaketimeMT.so.1')
}
