import { readdirSync, readFileSync } from 'node:fs'

/** What a process has used. Linux only. */
export interface ProcessFigures {
  /** When it was asked: wall clock. */
  readonly atMs: number
  /** Processor time, user and system, all threads. */
  readonly cpuMs: number
  readonly rssMb: number
  /** The highest RSS so far. */
  readonly peakMb: number
}

/** The kernel's unit in /proc/PID/stat: USER_HZ, 100 on every Linux that Node runs on. */
const tickMs = 10

/** Reads /proc. Throws where the process is gone. */
export function processFigures(pid: number): ProcessFigures {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return {
    atMs: Date.now(),
    cpuMs: cpuMs(readFileSync(`/proc/${pid}/stat`, 'utf8'), threadSchedules(pid)),
    rssMb: megabytes(status, 'VmRSS'),
    peakMb: megabytes(status, 'VmHWM'),
  }
}

/**
 * Processor time of a process by two counters of the kernel. The threads' own are exact, but go with their thread. The process' counts
 * those that ended, and is cut off to ticks, in which the scrapes of a fast agent would vanish. Neither is ever above the truth, so the
 * higher one is it: to the microsecond where no thread has ended, else to two ticks.
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html https://docs.kernel.org/scheduler/sched-stats.html
 *
 * @param stat /proc/PID/stat
 * @param schedules /proc/PID/task/TID/schedstat of each thread: nanoseconds on a processor, nanoseconds of waiting, times it ran
 */
export function cpuMs(stat: string, schedules: readonly string[]): number {
  // The second field is the program's name in parentheses, and may hold anything; utime and stime are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  const nanoseconds = schedules.reduce((sum, schedule) => sum + Number(schedule.split(' ', 1)[0]), 0)
  return Math.max(ticks * tickMs, nanoseconds / 1e6)
}

function threadSchedules(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      return readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')
    } catch {
      return [] // ended since it was listed, or a kernel without these figures: the process' own counter stands
    }
  })
}

function megabytes(status: string, field: string): number {
  return (Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024) / 1e6
}
