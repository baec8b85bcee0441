import { buffer } from 'node:stream/consumers'
import { PromlineError } from '@promline/core'
import { run } from './run.js'

// A reader that has gone is said by the write that fails, or there is nobody to say it to: never an uncaught exception.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const result = await run(process.argv.slice(2), {
  input: () => buffer(process.stdin),
  write: (chunk) =>
    new Promise((resolve, reject) => {
      process.stdout.write(chunk, (error) => {
        if (error) reject(new PromlineError('closed', `standard output: ${error.message}`, { cause: error }))
        else resolve()
      })
    }),
})
process.exitCode = result.status
if (result.status !== 0) process.stderr.write(`${result.message}\n`)
