import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './free-ports.js'
import { serverPath } from './installed.js'
import { createServerFolder, httpReady, type ServerProcess, startServer } from './server-process.js'

export interface PrometheusOptions {
  /** The text of prometheus.yml. Default: a configuration that scrapes nothing. */
  readonly config?: string
  /** Accepts remote write at `remoteWriteUrl`. Default false. */
  readonly remoteWriteReceiver?: boolean
  /** Default: a free one. */
  readonly port?: number
  /** Where its data are kept; they stay. Default: a temporary folder, which goes with the server. */
  readonly folder?: string
  /** Further command-line arguments. */
  readonly args?: readonly string[]
}

export interface PrometheusServer {
  readonly url: string
  readonly remoteWriteUrl: string
  /** host:port. */
  readonly address: string
  readonly process: ServerProcess
  stop(): Promise<void>
}

/** A real Prometheus. */
export async function startPrometheus(options: PrometheusOptions = {}): Promise<PrometheusServer> {
  const program = serverPath('prometheus')
  const folder = await createServerFolder('prometheus', options.folder)
  const address = `127.0.0.1:${options.port ?? (await freePort())}`
  const config = join(folder.path, 'prometheus.yml')
  await writeFile(config, options.config ?? 'global: { scrape_interval: 1s }\n')
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder.path, 'data')}`,
    `--web.listen-address=${address}`,
    '--web.enable-lifecycle',
    ...(options.remoteWriteReceiver ? ['--web.enable-remote-write-receiver'] : []),
    ...(options.args ?? []),
  ]
  const url = `http://${address}`
  const process = await startServer({ name: 'prometheus', program, args, folder, ready: httpReady(`${url}/-/ready`) })
  return { url, address, remoteWriteUrl: `${url}/api/v1/write`, process, stop: () => process.stop() }
}
