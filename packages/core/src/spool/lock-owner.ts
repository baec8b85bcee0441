import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { PromlineError, systemCode } from '../model/errors.js'

/** Name of the file that says who owns a folder. */
export const lockFileName = 'lock'

/** A process: a pid alone may be another one by now, so its start goes with it. */
export interface Owner {
  readonly pid: number
  /** When it started, in the system's own words; '' where the system does not say. */
  readonly started: string
}

export async function currentOwner(): Promise<Owner> {
  return { pid: process.pid, started: (await startOf(process.pid)) ?? '' }
}

/** What a lock file says; undefined where it says nothing. */
export function parseOwner(text: string): Owner | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('started' in value)) return undefined
    const { pid, started } = value
    return typeof pid === 'number' && Number.isInteger(pid) && pid > 0 && typeof started === 'string' ? { pid, started } : undefined
  } catch {
    return undefined
  }
}

/** Whether that very process still runs. In doubt it does. */
export async function isAlive(owner: Owner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    // EPERM: it runs, as somebody else.
    if (systemCode(error) !== 'EPERM') return false
  }
  const started = await startOf(owner.pid)
  return started === undefined || owner.started === '' || started === owner.started
}

/** When a process started; undefined where the system does not say. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === 'linux') {
      // Field 22, in ticks since boot; the name in field 2 may hold spaces and brackets.
      const [stat, boot] = await Promise.all([
        readFile(`/proc/${pid}/stat`, 'latin1'),
        readFile('/proc/sys/kernel/random/boot_id', 'latin1'),
      ])
      return `${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]} ${boot.trim()}`
    }
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)], { env: { ...process.env, LC_ALL: 'C' } })
    return stdout.trim() || undefined
  } catch {
    return undefined
  }
}

/** The refusal, with the folder and the owner's pid. */
export function lockedError(folder: string, owner: Owner | undefined): PromlineError {
  const who = owner === undefined ? 'another process' : `process ${owner.pid}`
  return new PromlineError('spool-locked', `spool ${folder} is in use by ${who}; a folder belongs to one pipeline of one process`, {
    facts: { folder, ...(owner !== undefined && { pid: owner.pid }) },
  })
}
