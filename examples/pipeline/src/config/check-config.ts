import { type ConfigNode, parseListen } from '@promline/core'
import type { Fed, PipelineConfig } from './pipeline-config.js'

/** Checks what no section can know by itself. Throws a ConfigError at the place that must change. */
export function checkPipelineConfig(config: PipelineConfig): void {
  checkFeeds(config)
  checkLoops(config)
  const sinks: Fed<{ readonly name: string }>[] = [...config.remoteWrite, ...config.kafkaWrite, ...config.influxWrite]
  checkUnique(sinks, ({ name }) => ({ key: name, what: `a sink named ${JSON.stringify(name)}` }))
  checkUnique(
    config.kafkaWrite.filter(({ config: kafka }) => kafka.brokers.length === 0),
    ({ topic }) => ({ key: topic, what: `a folder for topic ${JSON.stringify(topic)}` }),
  )
  checkUnique(
    config.influxWrite.filter(({ config: influx }) => influx.url === ''),
    ({ database }) => ({ key: database, what: `a file for database ${JSON.stringify(database)}` }),
  )
}

/** A sink that waits for a receiver that does not exist would wait for ever. */
function checkFeeds(config: PipelineConfig): void {
  if (config.receiver !== undefined) return
  for (const { from, node } of [...config.remoteWrite, ...config.kafkaWrite, ...config.influxWrite]) {
    if (from === 'receive') {
      throw node.error('takes from `receive`, but nothing is received: add a section remote_write_receiver, or say `from: scrape`')
    }
  }
}

/** What the receiver takes must not be sent to the receiver. */
function checkLoops({ receiver, remoteWrite }: PipelineConfig): void {
  if (receiver === undefined) return
  const own = parseListen(receiver.listen)
  for (const { config, from, node } of remoteWrite) {
    if (from !== 'receive') continue
    const url = new URL(config.url)
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

function checkUnique<C>(sinks: readonly Fed<C>[], nameOf: (config: C) => { key: string; what: string }): void {
  const seen = new Map<string, ConfigNode>()
  for (const { config, node } of sinks) {
    const { key, what } = nameOf(config)
    const first = seen.get(key)
    if (first !== undefined) throw node.error(`${what} is there already (line ${first.line})`)
    seen.set(key, node)
  }
}
