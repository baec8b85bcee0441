import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { jsonAt } from './json.js'

/** The names that scripts/servers/install.js writes into `servers.json`. */
export type ServerName =
  | 'prometheus'
  | 'promtool'
  | 'node-exporter'
  | 'pushgateway'
  | 'alertmanager'
  | 'amtool'
  | 'nats-server'
  | 'victoria-metrics'
  | 'vmagent'
  | 'kcat'
  | 'influxd'
  | 'kafka'
  | 'chromium'
  | 'docker-compose'
  | 'kustomize'
  | 'strace'
  | 'faketime'

/** The same folder as in scripts/servers/cache.js, which cannot be imported from here: it runs before anything is built. */
function cacheFolder(): string {
  return process.env['PROMLINE_CACHE'] || join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'promline')
}

function readInstalled(): unknown {
  try {
    return JSON.parse(readFileSync(join(cacheFolder(), 'servers.json'), 'utf8'))
  } catch {
    return {}
  }
}

/** Servers that also come from a system's packages, or from their makers, under these names. */
const programs: Readonly<Partial<Record<ServerName, readonly string[]>>> = {
  prometheus: ['prometheus'],
  promtool: ['promtool'],
  'node-exporter': ['prometheus-node-exporter', 'node_exporter'],
  pushgateway: ['prometheus-pushgateway', 'pushgateway'],
  alertmanager: ['prometheus-alertmanager', 'alertmanager'],
  amtool: ['amtool'],
  'nats-server': ['nats-server'],
}

/** In the cache that the script fills, or else on the PATH. */
function findServer(name: ServerName): string | undefined {
  const path = jsonAt(readInstalled(), name, 'path')
  if (typeof path === 'string' && existsSync(path)) return path
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return (programs[name] ?? []).flatMap((program) => folders.map((folder) => join(folder, program))).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Where a server's program is (Kafka: its folder). Throws where it is not installed, and says how to install it. */
export function serverPath(name: ServerName): string {
  const path = findServer(name)
  if (path === undefined) throw new Error(`${name} is not installed: run node scripts/servers/install.js ${name}`)
  return path
}

export function serverAvailable(name: ServerName): boolean {
  return findServer(name) !== undefined
}
