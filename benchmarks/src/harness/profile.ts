import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import type { Task } from './comparison.js'
import { Stopwatch } from './measure.js'

/** Ten times as fine as the default: a run of a small page takes less than one of its samples. */
const samplingIntervalUs = 100
const profiledRounds = 10

/** Writes a CPU profile of a warm task, for Chrome's developer tools or speedscope. */
export async function profileTask(task: Task, file: string): Promise<void> {
  const stopwatch = new Stopwatch(task)
  await stopwatch.warmUp()
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: samplingIntervalUs })
  await session.post('Profiler.start')
  for (let i = 0; i < profiledRounds; i++) await stopwatch.round()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  writeFileSync(file, JSON.stringify(profile))
}
