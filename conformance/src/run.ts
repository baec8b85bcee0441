import { isPromlineError, toError } from '@promline/core'
import { UsageError, type Verb, type VerbIo } from './verb.js'

/** Each verb is loaded when it is asked for: suites start the program thousands of times. */
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

/** How a run ended: the exit status, and what goes to standard error where it is not 0. */
export type RunResult = { readonly status: 0 } | { readonly status: 1 | 2; readonly message: string }

/** Runs `VERB [options]`. Never rejects: 1 is a refusal of the input, 2 is wrong use. */
export async function run([name = '', ...args]: readonly string[], io: VerbIo): Promise<RunResult> {
  try {
    const load = Object.hasOwn(verbs, name) ? verbs[name] : undefined
    if (load === undefined) throw new UsageError(`verb ${JSON.stringify(name)}: one of ${Object.keys(verbs).join(', ')}`)
    const verb = await load()
    await verb(args, io)
    return { status: 0 }
  } catch (error) {
    if (error instanceof UsageError) return { status: 2, message: oneLine(error.message) }
    // What is no refusal is a fault of ours, and says where it is.
    return { status: 1, message: isPromlineError(error) ? oneLine(error.message) : (toError(error).stack ?? String(error)) }
  }
}

function oneLine(message: string): string {
  return message.replaceAll(/[\r\n]+/g, ' ')
}
