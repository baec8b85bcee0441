// Loaded into an agent by `node --import`: notes when its event loop stood still, and writes that to a file when it ends.
import { writeFileSync } from 'node:fs'
import { type Stall, stallsFile, tickMs } from './stalls.js'

/** A timer is seldom on the dot. */
const toleranceMs = 1

const file = process.env[stallsFile]
const stalls: Stall[] = []
let before = performance.now()
let cpuBefore = process.cpuUsage()

// Unreferenced: the agent ends when it would end without.
setInterval(() => {
  const now = performance.now()
  const { user, system } = process.cpuUsage(cpuBefore)
  const lateMs = now - before - tickMs
  if (lateMs > toleranceMs) stalls.push({ endMs: Date.now(), lateMs, cpuMs: (user + system) / 1000 })
  before = now
  cpuBefore = process.cpuUsage()
}, tickMs).unref()

process.on('exit', () => {
  if (file !== undefined) writeFileSync(file, JSON.stringify(stalls))
})
