import { type ConfigNode, parseListen } from '@promline/core'
import { type Fed, type PipelineConfig, sinksOf } from './pipeline-config.js'

/** Checks what no section can know by itself. Throws a ConfigError at the place that must change. */
export function checkPipelineConfig(config: PipelineConfig): void {
  checkFeeds(config)
  checkLoops(config)
  checkUnique(sinksOf(config), ({ name }) => name, 'a sink named')
  checkUnique(
    config.kafkaWrite.filter(({ brokers }) => brokers.length === 0),
    ({ topic }) => topic,
    'a folder for topic',
  )
  checkUnique(
    config.influxWrite.filter(({ url }) => url === ''),
    ({ database }) => database,
    'a file for database',
  )
}

/** A sink that waits for a receiver that does not exist would wait for ever. */
function checkFeeds(config: PipelineConfig): void {
  if (config.receiver !== undefined) return
  for (const { from, node } of sinksOf(config)) {
    if (from === 'receive') {
      throw node.error('takes from `receive`, but nothing is received: add a section remote_write_receiver, or say `from: scrape`')
    }
  }
}

/** What the receiver takes must not be sent to the receiver. */
function checkLoops({ receiver, remoteWrite }: PipelineConfig): void {
  if (receiver === undefined) return
  const own = parseListen(receiver.listen)
  for (const { url: text, from, node } of remoteWrite) {
    if (from !== 'receive') continue
    const url = new URL(text)
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
    if (port === own.port && isSameHost(url.hostname, own.host)) {
      throw node
        .at('url')
        .error(`takes from \`receive\` and points at the own receiver (${receiver.listen}): samples would go round for ever`)
    }
  }
}

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/

function isSameHost(host: string, own: string): boolean {
  const isAny = own === '' || own === '0.0.0.0' || own === '::'
  return host === own || (loopback.test(host) && (isAny || loopback.test(own)))
}

function checkUnique<S extends Fed>(sinks: readonly S[], keyOf: (sink: S) => string, what: string): void {
  const seen = new Map<string, ConfigNode>()
  for (const sink of sinks) {
    const key = keyOf(sink)
    const first = seen.get(key)
    if (first !== undefined) throw sink.node.error(`${what} ${JSON.stringify(key)} is there already, at line ${first.line}`)
    seen.set(key, sink.node)
  }
}
