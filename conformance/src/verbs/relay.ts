import { join } from 'node:path'
import { createDiskSpool, createFileDeadLetter, createPipeline } from '@promline/core'
import { createRemoteWriteSource } from '@promline/remote-write'
import { stderrLogger } from '../log.js'
import { untilStopped } from '../until-stopped.js'
import { choice, listenAddress, printListening, once, readLists, required, UsageError, type VerbIo } from '../verb.js'
import { createRelaySink } from './relay-sinks.js'

const policies = ['interval', 'always', 'os'] as const
const drainDeadlineMs = 5_000

/** `relay`: a remote-write receiver in front of spooled sinks. */
export async function relay(args: readonly string[], io: VerbIo): Promise<void> {
  const { sink: targets = [], ...single } = readLists(args, ['listen', 'sink', 'data', 'fsync'])
  const listen = listenAddress(once('listen', single['listen']))
  const dataDir = required('data', once('data', single['data']))
  const fsync = choice('fsync', once('fsync', single['fsync']), policies)
  if (targets.length === 0) throw new UsageError('--sink is required')
  if (new Set(targets).size < targets.length) throw new UsageError('--sink: two are the same')
  const sinks = targets.map(createRelaySink)
  const stopped = untilStopped()
  const caps = sinks.flatMap(({ maxBytes }) => maxBytes ?? [])
  const source = createRemoteWriteSource({ name: 'relay', listen, logger: stderrLogger })
  const pipeline = createPipeline({
    name: 'relay',
    spool: createDiskSpool({
      dir: join(dataDir, 'spool'),
      fsync,
      ...(caps.length > 0 && { maxBytes: Math.min(...caps) }),
      logger: stderrLogger,
    }),
    sources: [source],
    sinks: sinks.map(({ sink }) => ({ sink, deadLetter: createFileDeadLetter({ dir: join(dataDir, 'dead-letter', sink.name) }) })),
    logger: stderrLogger,
  })
  const running = pipeline.run({ signal: new AbortController().signal })
  try {
    await printListening(io, { url: source.listening, running })
    await Promise.race([stopped, running])
  } finally {
    // Also where whoever started it has gone before it listened: nobody would stop it then.
    await pipeline.close({ deadlineMs: drainDeadlineMs })
  }
  await running
}
