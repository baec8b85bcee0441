import type { Ports } from './ports.js'

/** Where things are, as addresses for people and programs. */
export interface FederationUrls {
  /** The centre's page; its own metrics at /metrics. */
  readonly page: string
  readonly prometheus: string
  readonly alertmanager: string
  readonly pushgateway: string
  readonly nodeExporter: string
  readonly usdtExporter: string
  readonly natsPrimaryExporter: string
  readonly anotherClusterExporter: string
  /** Of the NATS servers: `nats://`. */
  readonly natsPrimary: string
  readonly anotherCluster: string
  readonly natsPrimaryMonitoring: string
  readonly anotherClusterMonitoring: string
  /** Where clusters remote-write to. */
  readonly receiver: string
  /** The agent's own metrics and health. */
  readonly agent: string
  /** The demo's state and switches. */
  readonly control: string
}

/** The addresses of these ports. */
export function urlsOf(ports: Ports): FederationUrls {
  const http = (port: number): string => `http://127.0.0.1:${port}`
  return {
    page: http(ports.page),
    prometheus: http(ports.prometheus),
    alertmanager: http(ports.alertmanager),
    pushgateway: http(ports.pushgateway),
    nodeExporter: http(ports.nodeExporter),
    usdtExporter: http(ports.usdtExporter),
    natsPrimaryExporter: http(ports.natsPrimaryExporter),
    anotherClusterExporter: http(ports.anotherClusterExporter),
    natsPrimary: `nats://127.0.0.1:${ports.natsPrimary}`,
    anotherCluster: `nats://127.0.0.1:${ports.anotherCluster}`,
    natsPrimaryMonitoring: http(ports.natsPrimaryMonitoring),
    anotherClusterMonitoring: http(ports.anotherClusterMonitoring),
    receiver: `${http(ports.receiver)}/api/v1/write`,
    agent: http(ports.agent),
    control: http(ports.control),
  }
}
