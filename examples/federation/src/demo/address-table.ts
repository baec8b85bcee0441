import type { Federation } from './federation.js'

/** What is to be looked at, and where, for people. */
export function addressTable({ urls, passwordFiles }: Pick<Federation, 'urls' | 'passwordFiles'>): string {
  const rows: readonly (readonly [what: string, where: string])[] = [
    ['the page: clusters, flow, accounts, charts', urls.page],
    ['Prometheus: queries, alerts, targets', urls.prometheus],
    ['Alertmanager', urls.alertmanager],
    ['Pushgateway: what the batch jobs pushed', urls.pushgateway],
    ['USDT exporter: the rate as JSON', urls.usdtExporter],
    ['NATS exporter of nats-primary', `${urls.natsPrimaryExporter}/metrics`],
    ['NATS exporter of another-cluster', `${urls.anotherClusterExporter}/metrics`],
    ['agent of another-cluster', `${urls.agent}/metrics`],
    ['centre, own metrics', `${urls.page}/metrics`],
    ['node_exporter', `${urls.nodeExporter}/metrics`],
    ['NATS, nats-primary', `${urls.natsPrimary}, ${urls.natsPrimaryMonitoring}`],
    ['NATS, another-cluster', `${urls.anotherCluster}, ${urls.anotherClusterMonitoring}`],
    ['remote write for clusters', urls.receiver],
    ['... as user nats-primary, password in', passwordFiles['nats-primary']],
    ['... as user another-cluster, password in', passwordFiles['another-cluster']],
    ['the demo: state, switches, /alerts that came', urls.control],
  ]
  const width = Math.max(...rows.map(([what]) => what.length))
  return `\n${rows.map(([what, where]) => `  ${what.padEnd(width)}  ${where}\n`).join('')}\n`
}
