#!/usr/bin/env node
// The command line of the tool that looks at spools; see README.md of the package.
import { once } from 'node:events'
import { runSpoolTool } from './run.js'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())

let isRead = true
// Who reads through a pipe may have seen enough.
process.stdout.on('error', () => {
  isRead = false
})

process.exitCode = await runSpoolTool(process.argv.slice(2), {
  cwd: process.cwd(),
  nowMs: () => Date.now(),
  signal: stop.signal,
  async write(text) {
    if (isRead && !process.stdout.write(text))
      await Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'close')]).catch(() => {})
    return isRead
  },
  complain: (line) => void process.stderr.write(`${line}\n`),
})
