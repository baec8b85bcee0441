import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createDiskSpool, createFileDeadLetter, createPipeline, toError } from '@promline/core'
import { createRemoteWriteSource } from '@promline/remote-write'
import { stderrLogger } from '../log.js'
import { untilStopped } from '../until-stopped.js'
import { choice, required, UsageError, writeOutput } from '../verb.js'
import { createRelaySink } from './relay-sinks.js'

const policies = ['interval', 'always', 'os'] as const
const drainDeadlineMs = 5_000

/** `relay`: a remote-write receiver in front of spooled sinks. */
export async function relay(args: readonly string[]): Promise<void> {
  const options = readRelayOptions(args)
  const listen = required('listen', options.listen)
  const dataDir = required('data', options.data)
  const sinks = (options.sink ?? []).map(createRelaySink)
  if (sinks.length === 0) throw new UsageError('--sink is required')
  const caps = sinks.flatMap(({ maxBytes }) => maxBytes ?? [])
  const source = createRemoteWriteSource({ name: 'relay', listen, logger: stderrLogger })
  const pipeline = createPipeline({
    name: 'relay',
    spool: createDiskSpool({
      dir: join(dataDir, 'spool'),
      fsync: choice('fsync', options.fsync, policies),
      ...(caps.length > 0 && { maxBytes: Math.min(...caps) }),
      logger: stderrLogger,
    }),
    sources: [source],
    sinks: sinks.map(({ sink }) => ({ sink, deadLetter: createFileDeadLetter({ dir: join(dataDir, 'dead-letter', sink.name) }) })),
    logger: stderrLogger,
  })
  const running = pipeline.run({ signal: new AbortController().signal })
  const url = await Promise.race([source.listening, running.then(() => source.listening)])
  await writeOutput(`listening on ${new URL(url).origin}\n`)
  await Promise.race([untilStopped(), running])
  await pipeline.close({ deadlineMs: drainDeadlineMs })
  await running
}

function readRelayOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        listen: { type: 'string' },
        sink: { type: 'string', multiple: true },
        data: { type: 'string' },
        fsync: { type: 'string' },
      },
    }).values
  } catch (error) {
    throw new UsageError(toError(error).message)
  }
}
