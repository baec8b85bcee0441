import { freePort } from './free-ports.js'
import { serverPath } from './installed.js'
import { createServerFolder, httpReady, type ServerProcess, startServer } from './server-process.js'

export interface PushgatewayOptions {
  /** Default: a free one. */
  readonly port?: number
  /** Where its data are kept; they stay. Default: a temporary folder, which goes with the server. */
  readonly folder?: string
  /** Further command-line arguments. */
  readonly args?: readonly string[]
}

export interface PushgatewayServer {
  /** Jobs push to `${url}/metrics/job/...`. */
  readonly url: string
  readonly metricsUrl: string
  /** host:port, as in a scrape configuration's targets. */
  readonly address: string
  readonly process: ServerProcess
  stop(): Promise<void>
}

/** A real Pushgateway. What was pushed survives a restart of it. */
export async function startPushgateway(options: PushgatewayOptions = {}): Promise<PushgatewayServer> {
  const program = serverPath('pushgateway')
  const folder = await createServerFolder('pushgateway', options.folder)
  const address = `127.0.0.1:${options.port ?? (await freePort())}`
  const args = [
    `--web.listen-address=${address}`,
    // Written when it changes, at the earliest after a second: the default of five minutes is long for a test that kills it.
    '--persistence.file=metrics',
    '--persistence.interval=1s',
    ...(options.args ?? []),
  ]
  const url = `http://${address}`
  const process = await startServer({ name: 'pushgateway', program, args, folder, ready: httpReady(`${url}/-/ready`) })
  return { url, address, metricsUrl: `${url}/metrics`, process, stop: () => process.stop() }
}
