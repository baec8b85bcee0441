import { isPromlineError, toError } from '@promline/core'
import { UsageError, type Verb } from './verb.js'

/** Each verb is loaded when it is asked for: suites start this program thousands of times. */
const verbs: Readonly<Record<string, () => Promise<Verb>>> = {
  parse: async () => (await import('./verbs/parse.js')).parse,
  entries: async () => (await import('./verbs/parse.js')).entries,
  relabel: async () => (await import('./verbs/relabel.js')).relabel,
  'decode-write': async () => (await import('./verbs/write-request.js')).decodeWrite,
  'encode-write': async () => (await import('./verbs/write-request.js')).encodeWrite,
  format: async () => (await import('./verbs/format.js')).format,
  'line-protocol': async () => (await import('./verbs/format.js')).lineProtocol,
  agent: async () => (await import('./verbs/agent.js')).agent,
  receiver: async () => (await import('./verbs/receiver.js')).receiver,
  relay: async () => (await import('./verbs/relay.js')).relay,
}

// A reader that has gone is said by the write that fails, or is nobody to say it to: never an uncaught exception.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

const [name = '', ...args] = process.argv.slice(2)
const load = Object.hasOwn(verbs, name) ? verbs[name] : undefined
try {
  if (load === undefined) throw new UsageError(`verb ${JSON.stringify(name)}: one of ${Object.keys(verbs).join(', ')}`)
  const verb = await load()
  await verb(args)
} catch (error) {
  process.exitCode = error instanceof UsageError ? 2 : 1
  // A refusal is one line; what is no refusal is a fault of ours, and says where it is.
  const known = error instanceof UsageError || isPromlineError(error)
  process.stderr.write(`${known ? error.message.replaceAll(/[\r\n]+/g, ' ') : (toError(error).stack ?? String(error))}\n`)
}
