import { isPromlineError, toError } from '@promline/core'
import { decodeWrite, encodeWrite } from './verbs/write-request.js'
import { agent } from './verbs/agent.js'
import { entries, parse } from './verbs/parse.js'
import { format, lineProtocol } from './verbs/format.js'
import { receiver } from './verbs/receiver.js'
import { relabel } from './verbs/relabel.js'
import { relay } from './verbs/relay.js'
import { UsageError, type Verb } from './verb.js'

const verbs: Readonly<Record<string, Verb>> = {
  parse,
  entries,
  relabel,
  'decode-write': decodeWrite,
  'encode-write': encodeWrite,
  format,
  'line-protocol': lineProtocol,
  agent,
  receiver,
  relay,
}

const [name = '', ...args] = process.argv.slice(2)
const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined
try {
  if (verb === undefined) throw new UsageError(`verb ${JSON.stringify(name)}: one of ${Object.keys(verbs).join(', ')}`)
  await verb(args)
} catch (error) {
  process.exitCode = error instanceof UsageError ? 2 : 1
  // A refusal is one line; what is no refusal is a fault of ours, and says where it is.
  const known = error instanceof UsageError || isPromlineError(error)
  process.stderr.write(`${known ? error.message.replaceAll('\n', ' ') : (toError(error).stack ?? String(error))}\n`)
}
