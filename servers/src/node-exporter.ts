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

/** A real node_exporter of this machine. */
export async function startNodeExporter(options: { readonly args?: readonly string[] } = {}): Promise<NodeExporterServer> {
  const program = serverPath('node-exporter')
  const folder = await createServerFolder('node-exporter')
  const address = `127.0.0.1:${await freePort()}`
  const args = [`--web.listen-address=${address}`, ...(options.args ?? [])]
  const url = `http://${address}`
  const process = await startServer({ name: 'node_exporter', program, args, folder, ready: httpReady(`${url}/`) })
  return { url, address, metricsUrl: `${url}/metrics`, process, stop: () => process.stop() }
}
