import { freePort } from './free-ports.js'
import { serverPath } from './installed.js'
import { createServerFolder, httpReady, type ServerProcess, startServer } from './server-process.js'

export interface NodeExporterServer {
  readonly url: string
  readonly metricsUrl: string
  /** host:port, as in a scrape configuration's targets. */
  readonly address: string
  readonly process: ServerProcess
  stop(): Promise<void>
}

export interface NodeExporterOptions {
  /** Default: a free one. */
  readonly port?: number
  /** Further command-line arguments. */
  readonly args?: readonly string[]
}

/** A real node_exporter of this machine. */
export async function startNodeExporter(options: NodeExporterOptions = {}): Promise<NodeExporterServer> {
  const program = serverPath('node-exporter')
  const folder = await createServerFolder('node-exporter')
  const address = `127.0.0.1:${options.port ?? (await freePort())}`
  const args = [`--web.listen-address=${address}`, ...(options.args ?? [])]
  const url = `http://${address}`
  const process = await startServer({ name: 'node_exporter', program, args, folder, ready: httpReady(`${url}/`) })
  return { url, address, metricsUrl: `${url}/metrics`, process, stop: () => process.stop() }
}
