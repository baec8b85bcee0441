// Loaded into an agent by `node --import`: notes when its event loop stood still, and writes that to a file when it ends.
import { writeFileSync } from 'node:fs'
import { stallsFile, tickMs } from './stalls.js'

const file = process.env[stallsFile]
/** Pairs: when a tick came, wall clock, and how late it was. */
const stalls: [atMs: number, lateMs: number][] = []
let before = performance.now()

// Unreferenced: the agent ends when it would end without.
setInterval(() => {
  const now = performance.now()
  const lateMs = now - before - tickMs
  before = now
  // A timer is seldom on the dot.
  if (lateMs > 1) stalls.push([Date.now(), lateMs])
}, tickMs).unref()

process.on('exit', () => {
  if (file !== undefined) writeFileSync(file, JSON.stringify(stalls))
})
