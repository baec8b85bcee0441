import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './free-ports.js'
import { serverPath } from './installed.js'
import { createServerFolder, httpReady, type ServerProcess, startServer } from './server-process.js'

export interface NatsServerOptions {
  /** The server's name. Default: `nats`. */
  readonly name?: string
  /** JetStream and its limits, in NATS' own units: `{ maxMemory: '64MB', maxFile: '256MB' }`. Default: none. */
  readonly jetstream?: { readonly maxMemory?: string; readonly maxFile?: string; readonly domain?: string }
  /** Where clients connect. Default: a free one. */
  readonly clientPort?: number
  /** Where the monitoring endpoints are. Default: a free one. */
  readonly monitorPort?: number
  /** Where its data are kept; they stay. Default: a temporary folder, which goes with the server. */
  readonly folder?: string
  /** Further lines of the configuration: accounts, leaf nodes, a cluster. */
  readonly config?: string
  /** Further command-line arguments. */
  readonly args?: readonly string[]
}

export interface NatsServer {
  /** For clients: `nats://127.0.0.1:4222`. */
  readonly url: string
  /** Of the monitoring endpoints: `http://127.0.0.1:8222`. */
  readonly monitorUrl: string
  readonly process: ServerProcess
  stop(): Promise<void>
}

/** A real NATS server. It is ready when its monitoring answers, and JetStream with it. */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const program = serverPath('nats-server')
  const folder = await createServerFolder('nats-server', options.folder)
  const clientAddress = `127.0.0.1:${options.clientPort ?? (await freePort())}`
  const monitorAddress = `127.0.0.1:${options.monitorPort ?? (await freePort())}`
  const config = join(folder.path, 'nats-server.conf')
  const storeFolder = join(folder.path, 'jetstream')
  await writeFile(config, configText({ options, clientAddress, monitorAddress, storeFolder }))
  const args = ['--config', config, ...(options.args ?? [])]
  const monitorUrl = `http://${monitorAddress}`
  const process = await startServer({ name: 'nats-server', program, args, folder, ready: httpReady(`${monitorUrl}/healthz`) })
  return { url: `nats://${clientAddress}`, monitorUrl, process, stop: () => process.stop() }
}

function configText(parts: { options: NatsServerOptions; clientAddress: string; monitorAddress: string; storeFolder: string }): string {
  const { options, clientAddress, monitorAddress, storeFolder } = parts
  const { jetstream } = options
  // JSON's strings are strings of NATS' configuration as well.
  const lines = [
    `server_name: ${JSON.stringify(options.name ?? 'nats')}`,
    `listen: ${JSON.stringify(clientAddress)}`,
    `http: ${JSON.stringify(monitorAddress)}`,
  ]
  if (jetstream !== undefined) {
    lines.push('jetstream {', `  store_dir: ${JSON.stringify(storeFolder)}`)
    lines.push(`  max_mem: ${jetstream.maxMemory ?? '64MB'}`, `  max_file: ${jetstream.maxFile ?? '256MB'}`)
    if (jetstream.domain !== undefined) lines.push(`  domain: ${JSON.stringify(jetstream.domain)}`)
    lines.push('}')
  }
  return `${[...lines, options.config ?? ''].join('\n')}\n`
}
