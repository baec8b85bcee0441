import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Logger } from '@promline/core'
import {
  createServerFolder,
  httpReady,
  type ServerProcess,
  startAlertmanager,
  startNatsServer,
  startNodeExporter,
  startPrometheus,
  startPushgateway,
  startServer,
} from '@promline/servers'
import type { Ports } from './ports.js'
import type { RenderedConfigs } from './render-configs.js'

/** The built program, whose roles run as processes of their own: the same place from `src` and from `dist`. */
const mainFile = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

export interface ProgramSettings {
  readonly dataDir: string
  readonly ports: Ports
  readonly configs: RenderedConfigs
  readonly logger: Logger
}

/** What runs as a process of its own. */
export type ProgramName =
  | 'nats-primary'
  | 'another-cluster'
  | 'prometheus'
  | 'alertmanager'
  | 'pushgateway'
  | 'node-exporter'
  | 'centre'
  | 'agent'

/** Starts a program on its port, with its data below the data folder. Rejects with the end of its log where it does not come up. */
export async function startProgram(name: ProgramName, settings: ProgramSettings): Promise<ServerProcess> {
  const { ports, configs, dataDir } = settings
  const folder = join(dataDir, name)
  switch (name) {
    case 'nats-primary':
      return startNats({ name, folder, clientPort: ports.natsPrimary, monitorPort: ports.natsPrimaryMonitoring })
    case 'another-cluster':
      return startNats({ name, folder, clientPort: ports.anotherCluster, monitorPort: ports.anotherClusterMonitoring })
    case 'prometheus': {
      // Ten days, as in the original.
      const args = ['--storage.tsdb.retention.time=10d']
      const options = { config: configs.prometheus, port: ports.prometheus, folder, remoteWriteReceiver: true, args }
      return (await startPrometheus(options)).process
    }
    case 'alertmanager':
      return (await startAlertmanager({ config: configs.alertmanager, port: ports.alertmanager, folder })).process
    case 'pushgateway':
      return (await startPushgateway({ port: ports.pushgateway, folder })).process
    case 'node-exporter':
      return (await startNodeExporter({ port: ports.nodeExporter })).process
    case 'centre':
      return startRole(settings, { name, port: ports.page, args: ['centre', '--config', configs.centreFile, '--data', folder] })
    case 'agent': {
      const listen = `127.0.0.1:${ports.agent}`
      const args = ['agent', '--config.file', configs.agentFile, '--storage.agent.path', folder, '--web.listen-address', listen]
      return startRole(settings, { name, port: ports.agent, args: [...args, '--scrape-at-once'] })
    }
  }
}

interface NatsPlace {
  readonly name: string
  readonly folder: string
  readonly clientPort: number
  readonly monitorPort: number
}

/** A server with JetStream that has room for the stream of its traffic, and for as much again. */
async function startNats(place: NatsPlace): Promise<ServerProcess> {
  return (await startNatsServer({ ...place, jetstream: { maxMemory: '64MB', maxFile: '512MB' } })).process
}

/** A role of promline's own; what it warns of is told. */
async function startRole(
  { dataDir, logger }: ProgramSettings,
  { name, port, args }: { readonly name: string; readonly port: number; readonly args: readonly string[] },
): Promise<ServerProcess> {
  return startServer({
    name,
    program: process.execPath,
    args: [mainFile, ...args, '--log-level', 'warn'],
    folder: await createServerFolder(name, join(dataDir, name)),
    ready: httpReady(`http://127.0.0.1:${port}/-/ready`),
    onLine: (line) => tell(logger, name, line),
  })
}

/** A line of a role's log, `[10:30:00.123] WARN: message`, as a line of ours; what is no such line goes on the way it is. */
// oxlint-disable-next-line max-params -- who says what
function tell(logger: Logger, name: string, line: string): void {
  const match = /^\[[\d:.]+\] (WARN|ERROR): (.*)$/.exec(line)
  if (match === null) logger.info({ program: name }, `${name}: ${line}`)
  else if (match[1] === 'WARN') logger.warn({ program: name }, `${name}: ${match[2]}`)
  else logger.error({ program: name }, `${name}: ${match[2]}`)
}
