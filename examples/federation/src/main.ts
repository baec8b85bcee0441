import { tuneProcess } from '@promline/core/process'

// Before the rest is loaded, for what is loaded takes memory that V8 keeps: see `tuneProcess`.
if (process.argv[2] === 'agent') tuneProcess()
await import('./run-role.js')
