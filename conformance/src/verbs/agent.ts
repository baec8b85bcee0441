import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig, PromlineError, toError } from '@promline/core'
import { createAgent } from '@promline/remote-write/agent'
import { stderrLogger } from '../log.js'
import { untilStopped } from '../until-stopped.js'
import { readOptions, required } from '../verb.js'

/** `agent`: scrapes and sends what a stock `prometheus.yml` says. */
export async function agent(args: readonly string[]): Promise<void> {
  const options = readOptions(args, ['config.file', 'web.listen-address', 'data'])
  const file = required('config.file', options['config.file'])
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new PromlineError('config', `--config.file ${file}: ${toError(error).message}`, { cause: error })
  })
  const listen = options['web.listen-address']
  const program = createAgent({
    config: loadConfig(text, { file, logger: stderrLogger }),
    dataDir: options['data'] ?? join(tmpdir(), `promline-agent-${process.pid}`),
    ...(listen !== undefined && { listen }),
    logger: stderrLogger,
  })
  const stop = new AbortController()
  const stopped = untilStopped()
  const running = program.run({ signal: stop.signal })
  await Promise.race([stopped, running])
  stop.abort()
  await running
}
