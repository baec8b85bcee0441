import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePorts } from './free-ports.js'
import { serverPath } from './installed.js'
import { jsonAt, jsonListAt, jsonTextsAt } from './json.js'
import { createServerFolder, httpReady, type ServerProcess, startServer } from './server-process.js'

export interface InfluxdOptions {
  /** Created at the start. Default: `mydb`. */
  readonly databases?: readonly string[]
  /** With it, every request needs these credentials (or those of a user made with them). */
  readonly admin?: { readonly username: string; readonly password: string }
  /** Larger bodies are answered with 413. Default 25 MB, InfluxDB's own. */
  readonly maxBodyBytes?: number
}

export interface InfluxdServer {
  readonly url: string
  readonly address: string
  readonly process: ServerProcess
  /** One statement of InfluxQL, as the administrator. Rejects with what InfluxDB says against it. */
  query(statement: string, options?: { readonly database?: string }): Promise<InfluxSeries[]>
  stop(): Promise<void>
}

/** One series of a query's result. Times are in RFC 3339 with nanoseconds, which a number could not hold. */
export interface InfluxSeries {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

/** A real InfluxDB 1.8: `/write`, `/query`, `/api/v1/prom/{write,read}`, `/api/v2/write`. */
export async function startInfluxd(options: InfluxdOptions = {}): Promise<InfluxdServer> {
  const program = serverPath('influxd')
  const folder = await createServerFolder('influxd')
  const [port, backupPort] = await freePorts(2)
  const address = `127.0.0.1:${port}`
  const config = join(folder.path, 'influxdb.conf')
  await writeFile(config, configText({ folder: folder.path, address, backupAddress: `127.0.0.1:${backupPort}`, options }))
  const url = `http://${address}`
  const process = await startServer({ name: 'influxd', program, args: ['run', '-config', config], folder, ready: httpReady(`${url}/ping`) })
  const query: InfluxdServer['query'] = (statement, { database } = {}) => queryInflux({ url, admin: options.admin, database, statement })
  try {
    if (options.admin !== undefined) {
      const { username, password } = options.admin
      await query(`CREATE USER "${username}" WITH PASSWORD '${password}' WITH ALL PRIVILEGES`)
    }
    for (const database of options.databases ?? ['mydb']) await query(`CREATE DATABASE "${database}"`)
  } catch (error) {
    await process.stop()
    throw error
  }
  return { url, address, process, query, stop: () => process.stop() }
}

function configText(given: { folder: string; address: string; backupAddress: string; options: InfluxdOptions }): string {
  const { folder, address, backupAddress, options } = given
  return `reporting-disabled = true
bind-address = "${backupAddress}"
[meta]
dir = "${join(folder, 'meta')}"
[data]
dir = "${join(folder, 'data')}"
wal-dir = "${join(folder, 'wal')}"
[http]
bind-address = "${address}"
auth-enabled = ${options.admin !== undefined}
log-enabled = false
max-body-size = ${options.maxBodyBytes ?? 25_000_000}
`
}

interface InfluxQuery {
  readonly url: string
  readonly admin: InfluxdOptions['admin']
  readonly database: string | undefined
  readonly statement: string
}

async function queryInflux({ url, admin, database, statement }: InfluxQuery): Promise<InfluxSeries[]> {
  const body = new URLSearchParams({ q: statement })
  if (database !== undefined) body.set('db', database)
  const headers: Record<string, string> =
    admin === undefined ? {} : { authorization: `Basic ${Buffer.from(`${admin.username}:${admin.password}`).toString('base64')}` }
  const response = await fetch(`${url}/query`, { method: 'POST', body, headers })
  const answer: unknown = await response.json()
  const error = jsonAt(answer, 'error') ?? jsonAt(answer, 'results', 0, 'error')
  if (error !== undefined) throw new Error(`${statement}: ${response.status} ${JSON.stringify(error)}`)
  return jsonListAt(answer, 'results', 0, 'series').map(seriesOf)
}

function seriesOf(series: unknown): InfluxSeries {
  const columns = jsonListAt(series, 'columns')
  return {
    name: String(jsonAt(series, 'name')),
    tags: jsonTextsAt(series, 'tags'),
    rows: jsonListAt(series, 'values').map((row) => Object.fromEntries(columns.map((column, i) => [String(column), jsonAt(row, i)]))),
  }
}
