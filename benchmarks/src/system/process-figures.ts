import { readFileSync } from 'node:fs'

/** What a process has used. Linux only. */
export interface ProcessFigures {
  /** When it was asked: wall clock. */
  readonly atMs: number
  /** Processor time, user and system, all threads, those that ended among them. */
  readonly cpuMs: number
  readonly rssMb: number
  /** The highest RSS so far. */
  readonly peakMb: number
}

/** The kernel's unit in /proc/PID/stat: USER_HZ, 100 on every Linux that Node runs on. */
const tickMs = 10

/** Reads /proc. Throws where the process is gone. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
export function processFigures(pid: number): ProcessFigures {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the program's name in parentheses, and may hold anything; utime and stime are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return {
    atMs: Date.now(),
    cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs,
    rssMb: megabytes(status, 'VmRSS'),
    peakMb: megabytes(status, 'VmHWM'),
  }
}

function megabytes(status: string, field: string): number {
  return (Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024) / 1e6
}
