import { open } from 'node:fs/promises'
import { type Consume, PromlineError, sampleLinesOf, toError } from '@promline/core'
import { createRemoteWriteSource } from '@promline/remote-write'
import { stderrLogger } from '../log.js'
import { untilStopped } from '../until-stopped.js'
import { listenAddress, printListening, readOptions, required, type VerbIo } from '../verb.js'

/** `receiver`: writes each accepted sample to a file before it answers. */
export async function receiver(args: readonly string[], io: VerbIo): Promise<void> {
  const options = readOptions(args, ['listen', 'out'])
  const listen = listenAddress(options['listen'])
  const file = required('out', options['out'])
  const stopped = untilStopped()
  const out = await open(file, 'a').catch((error: unknown) => {
    throw new PromlineError('options', `--out ${file}: ${toError(error).message}`, { cause: error })
  })
  // One write at a time: lines of two requests must not mix.
  let last: Promise<unknown> = Promise.resolve()
  const consume: Consume = async (batch) => {
    const lines = sampleLinesOf(batch).map((line) => `${line}\n`)
    const written = last.then(() => out.appendFile(lines.join('')))
    last = written.catch(() => {})
    await written
    return { status: 'delivered' }
  }
  const source = createRemoteWriteSource({ name: 'receiver', listen, logger: stderrLogger })
  const stop = new AbortController()
  const running = source.run(consume, { signal: stop.signal })
  try {
    await printListening(io, { url: source.listening, running })
    await Promise.race([stopped, running])
  } finally {
    // Also where whoever started it has gone before it listened: nobody would stop it then.
    stop.abort()
    await running
    await last
    await out.close()
  }
}
