import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './free-ports.js'
import { serverPath } from './installed.js'
import { createServerFolder, httpReady, type ServerProcess, startServer } from './server-process.js'

export interface VictoriaMetricsServer {
  readonly url: string
  readonly remoteWriteUrl: string
  readonly address: string
  readonly process: ServerProcess
  /** Makes what was written visible to queries, which otherwise takes a second or two. */
  flush(): Promise<void>
  stop(): Promise<void>
}

/** A real VictoriaMetrics. Of no use for error paths: it answers 204 to nearly everything. */
export async function startVictoriaMetrics(options: { readonly args?: readonly string[] } = {}): Promise<VictoriaMetricsServer> {
  const program = serverPath('victoria-metrics')
  const folder = await createServerFolder('victoria-metrics')
  const address = `127.0.0.1:${await freePort()}`
  const args = [
    `-storageDataPath=${join(folder.path, 'data')}`,
    `-httpListenAddr=${address}`,
    // Otherwise a query does not see the last 30 seconds, and its cache none of what came late.
    '-search.latencyOffset=0s',
    '-search.disableCache',
    '-retentionPeriod=100y',
    ...(options.args ?? []),
  ]
  const url = `http://${address}`
  const process = await startServer({ name: 'victoria-metrics', program, args, folder, ready: httpReady(`${url}/health`) })
  const flush = async () => {
    const response = await fetch(`${url}/internal/force_flush`)
    await response.text()
  }
  return { url, address, remoteWriteUrl: `${url}/api/v1/write`, process, flush, stop: () => process.stop() }
}

export interface VmagentServer {
  readonly url: string
  readonly address: string
  readonly process: ServerProcess
  stop(): Promise<void>
}

/** A real vmagent that scrapes by a prometheus.yml (its text) and writes to `remoteWriteUrl`. */
export async function startVmagent(options: {
  readonly config: string
  readonly remoteWriteUrl: string
  readonly args?: readonly string[]
}): Promise<VmagentServer> {
  const program = serverPath('vmagent')
  const folder = await createServerFolder('vmagent')
  const address = `127.0.0.1:${await freePort()}`
  const config = join(folder.path, 'prometheus.yml')
  await writeFile(config, options.config)
  const args = [
    `-promscrape.config=${config}`,
    `-remoteWrite.url=${options.remoteWriteUrl}`,
    `-remoteWrite.tmpDataPath=${join(folder.path, 'queue')}`,
    `-httpListenAddr=${address}`,
    ...(options.args ?? []),
  ]
  const url = `http://${address}`
  const process = await startServer({ name: 'vmagent', program, args, folder, ready: httpReady(`${url}/health`) })
  return { url, address, process, stop: () => process.stop() }
}
