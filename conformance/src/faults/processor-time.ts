import { readFile } from 'node:fs/promises'

/** What the kernel counts in, on every Linux that Node runs on (`getconf CLK_TCK`). */
const ticksPerSecond = 100

/**
 * Seconds of the processor that a process has taken so far: unlike what a clock on the wall says, it does not hang on who else is on the
 * machine. Undefined where the system does not say.
 */
export async function processorSeconds(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // Behind the name, which may have blanks in it: state, then eleven numbers, then user and system time.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields && (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}
