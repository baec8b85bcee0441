import { createServer } from 'node:net'
import { PromlineError } from '@promline/core'
import { freePorts } from '@promline/servers'

/** A port of 127.0.0.1 for each thing of the demo that listens. */
export interface Ports {
  /** NATS clients of cluster nats-primary. */
  readonly natsPrimary: number
  readonly natsPrimaryMonitoring: number
  readonly natsPrimaryExporter: number
  /** NATS clients of another-cluster. */
  readonly anotherCluster: number
  readonly anotherClusterMonitoring: number
  readonly anotherClusterExporter: number
  readonly usdtExporter: number
  readonly prometheus: number
  readonly pushgateway: number
  readonly alertmanager: number
  readonly nodeExporter: number
  /** The centre's remote-write receiver. */
  readonly receiver: number
  /** Where another-cluster's agent finds that receiver: the way between the clusters, which can be cut. */
  readonly link: number
  /** The centre's page and its own metrics. */
  readonly page: number
  /** The agent's own metrics and health. */
  readonly agent: number
  /** The demo's state and switches. */
  readonly control: number
}

/** Where everything usually listens. */
export const defaultPorts: Ports = {
  natsPrimary: 4222,
  natsPrimaryMonitoring: 8222,
  natsPrimaryExporter: 7777,
  anotherCluster: 4223,
  anotherClusterMonitoring: 8223,
  anotherClusterExporter: 7778,
  usdtExporter: 5000,
  prometheus: 9090,
  pushgateway: 9091,
  alertmanager: 9093,
  nodeExporter: 9100,
  receiver: 9201,
  link: 9202,
  page: 8888,
  agent: 8889,
  control: 8890,
}

/** Ports that nobody listens on. */
export async function takeFreePorts(): Promise<Ports> {
  const free = await freePorts(Object.keys(defaultPorts).length)
  const next = (): number => free.pop() ?? 0
  return {
    natsPrimary: next(),
    natsPrimaryMonitoring: next(),
    natsPrimaryExporter: next(),
    anotherCluster: next(),
    anotherClusterMonitoring: next(),
    anotherClusterExporter: next(),
    usdtExporter: next(),
    prometheus: next(),
    pushgateway: next(),
    alertmanager: next(),
    nodeExporter: next(),
    receiver: next(),
    link: next(),
    page: next(),
    agent: next(),
    control: next(),
  }
}

/** Rejects with a PromlineError (`address`) that names every port that somebody listens on. */
export async function assertPortsFree(ports: Ports): Promise<void> {
  const entries = await Promise.all(Object.entries(ports).map(async ([name, port]) => ({ name, port, free: await isFree(port) })))
  const taken = entries.filter(({ free }) => !free).map(({ name, port }) => `${port} (${inWords(name)})`)
  if (taken.length === 0) return
  const are = taken.length === 1 ? 'is' : 'are'
  throw new PromlineError(
    'address',
    `${taken.join(', ')} ${are} in use on 127.0.0.1: stop what listens there, or take others with --free-ports`,
    {
      facts: { taken: taken.join(', ') },
    },
  )
}

/** `natsPrimaryExporter` is `nats primary exporter`. */
function inWords(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
