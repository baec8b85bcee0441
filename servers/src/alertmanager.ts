import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './free-ports.js'
import { serverPath } from './installed.js'
import { jsonAt, jsonTextsAt } from './json.js'
import { createServerFolder, httpReady, type ServerProcess, startServer } from './server-process.js'

/** Keeps every alert and tells nobody. */
const silentConfig = `route: { receiver: nobody }
receivers: [{ name: nobody }]
`

export interface AlertmanagerOptions {
  /** The text of alertmanager.yml. Default: a configuration that tells nobody. */
  readonly config?: string
  /** Default: a free one. */
  readonly port?: number
  /** Where its data are kept; they stay. Default: a temporary folder, which goes with the server. */
  readonly folder?: string
  /** Further command-line arguments. */
  readonly args?: readonly string[]
}

export interface AlertmanagerServer {
  readonly url: string
  /** host:port, as in Prometheus' `alerting` section. */
  readonly address: string
  readonly process: ServerProcess
  /** The alerts that it holds at present. Rejects where it does not answer. */
  alerts(): Promise<ReceivedAlert[]>
  stop(): Promise<void>
}

/** An alert as Alertmanager has it. */
export interface ReceivedAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** `active`, `suppressed` or `unprocessed`; one that was resolved is not in the list. */
  readonly state: string
}

/** A real Alertmanager of its own: no cluster. */
export async function startAlertmanager(options: AlertmanagerOptions = {}): Promise<AlertmanagerServer> {
  const program = serverPath('alertmanager')
  const folder = await createServerFolder('alertmanager', options.folder)
  const address = `127.0.0.1:${options.port ?? (await freePort())}`
  const config = join(folder.path, 'alertmanager.yml')
  await writeFile(config, options.config ?? silentConfig)
  const args = [
    `--config.file=${config}`,
    `--storage.path=${join(folder.path, 'data')}`,
    `--web.listen-address=${address}`,
    '--cluster.listen-address=',
    ...(options.args ?? []),
  ]
  const url = `http://${address}`
  const process = await startServer({ name: 'alertmanager', program, args, folder, ready: httpReady(`${url}/-/ready`) })
  return { url, address, process, alerts: () => alertsOf(url), stop: () => process.stop() }
}

async function alertsOf(url: string): Promise<ReceivedAlert[]> {
  const response = await fetch(`${url}/api/v2/alerts`)
  const found: unknown = await response.json()
  if (!response.ok || !Array.isArray(found)) throw new Error(`Alertmanager answered ${response.status} when it was asked for its alerts`)
  return found.map((alert: unknown) => ({
    labels: jsonTextsAt(alert, 'labels'),
    annotations: jsonTextsAt(alert, 'annotations'),
    state: String(jsonAt(alert, 'status', 'state')),
  }))
}
