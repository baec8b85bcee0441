import type { Dashboard, Panel, Row } from './dashboard.js'
import { centreMachine, kubernetes } from './machines.js'
import { wayToTheCentre } from './way-to-the-centre.js'

const chosen = 'cluster=~"$cluster"'
/** One curve for each cluster, in one chart. */
function perCluster(panel: Omit<Panel, 'kind' | 'width' | 'queries'>, expr: string): Panel {
  return { ...panel, kind: 'timeseries', width: 12, queries: [{ expr, legend: '{{cluster}}' }] }
}

const sideBySide: Row = {
  title: 'Side by side',
  panels: [
    {
      kind: 'table',
      title: 'Clusters',
      description:
        'Every cluster that was heard of within a day. Red: it has been silent for more than 2 minutes (ClusterSilent), or alerts fire.',
      unit: 'short',
      width: 24,
      key: 'cluster',
      queries: [
        {
          expr: `time() - max by (cluster) (max_over_time(cluster:last_sample:timestamp_seconds{${chosen}}[1d]))`,
          legend: 'Last sample ago',
          unit: 's',
          thresholds: [{ from: 120, colour: 'red' }],
        },
        {
          expr: `count by (cluster) (ALERTS{alertstate="firing",${chosen}}) or 0 * max by (cluster) (max_over_time(cluster:last_sample:timestamp_seconds{${chosen}}[1d]))`,
          legend: 'Alerts',
          thresholds: [{ from: 1, colour: 'red' }],
        },
        { expr: `sum by (cluster) (up{${chosen}})`, legend: 'Targets up' },
        { expr: `sum by (cluster) (cluster:nats_varz_connections:sum{${chosen}})`, legend: 'Connections' },
        { expr: `sum by (cluster) (cluster:nats_varz_in_msgs:rate5m{${chosen}})`, legend: 'Messages in', unit: 'count:msg/s' },
        { expr: `sum by (cluster) (cluster:nats_varz_out_msgs:rate5m{${chosen}})`, legend: 'Messages out', unit: 'count:msg/s' },
      ],
    },
    {
      kind: 'timeseries',
      title: 'Messages of $cluster',
      description: 'Messages a second into and out of NATS: one chart for each chosen cluster.',
      unit: 'count:msg/s',
      width: 24,
      repeat: 'cluster',
      queries: [
        { expr: `cluster:nats_varz_in_msgs:rate5m{${chosen}}`, legend: 'in' },
        { expr: `cluster:nats_varz_out_msgs:rate5m{${chosen}}`, legend: 'out' },
      ],
    },
    perCluster(
      { title: 'Connections', description: 'Clients that are connected to NATS.', unit: 'short', stacked: true },
      `sum by (cluster) (nats_varz_connections{${chosen}})`,
    ),
    perCluster(
      { title: 'Bytes in and out', description: 'Payload bytes a second that NATS takes in and sends.', unit: 'Bps' },
      `cluster:nats_varz_in_bytes:rate5m{${chosen}} + cluster:nats_varz_out_bytes:rate5m{${chosen}}`,
    ),
  ],
}

const targets: Row = {
  title: 'Targets',
  panels: [
    {
      kind: 'timeseries',
      title: 'Targets up',
      description: 'Share of the targets of a job that could be scraped.',
      unit: 'percentunit',
      width: 12,
      max: 1,
      queries: [{ expr: `avg by (cluster, job) (up{${chosen},job=~"$job"})`, legend: '{{cluster}} {{job}}' }],
    },
    {
      kind: 'timeseries',
      title: 'Scrape duration',
      description: 'The slowest target of a job. It should be far below the time between two scrapes.',
      unit: 's',
      width: 12,
      queries: [{ expr: `max by (cluster, job) (scrape_duration_seconds{${chosen},job=~"$job"})`, legend: '{{cluster}} {{job}}' }],
    },
    {
      kind: 'timeseries',
      title: 'Samples per scrape',
      description: 'A jump is a target that shows more series than before, and storage that fills faster.',
      unit: 'short',
      width: 12,
      queries: [{ expr: `sum by (cluster, job) (scrape_samples_scraped{${chosen},job=~"$job"})`, legend: '{{cluster}} {{job}}' }],
    },
    perCluster(
      {
        title: 'Last sample ago',
        description: 'How old the newest sample of a cluster is. ClusterSilent fires above 2 minutes.',
        unit: 's',
        thresholds: [{ from: 120, colour: 'red' }],
      },
      `time() - max by (cluster) (max_over_time(cluster:last_sample:timestamp_seconds{${chosen}}[1d]))`,
    ),
  ],
}

const rate: Row = {
  title: 'USDT/VND',
  panels: [
    {
      kind: 'timeseries',
      title: 'Rate',
      description: 'VND for one USDT: the mean of the offers, without outliers.',
      unit: 'suffix:VND',
      width: 12,
      fromLeast: true,
      queries: [{ expr: `usdt_vnd_rate{${chosen}}`, legend: '{{cluster}}' }],
    },
    {
      kind: 'timeseries',
      title: 'Since the last update',
      description: 'A saw whose teeth are as high as the time between two searches. UsdtRateStale fires above 30 minutes.',
      unit: 's',
      width: 6,
      thresholds: [{ from: 1800, colour: 'red' }],
      queries: [{ expr: `time() - usdt_vnd_last_update{${chosen}}`, legend: '{{cluster}}' }],
    },
    {
      kind: 'timeseries',
      title: 'Failed searches',
      description: 'Searches that failed, in 1 h.',
      unit: 'short',
      width: 6,
      queries: [{ expr: `increase(usdt_vnd_fetch_errors_total{${chosen}}[1h])`, legend: '{{cluster}}' }],
    },
  ],
}

/** All clusters beside each other, and the way of their samples to the centre. */
export const clusters: Dashboard = {
  uid: 'promline-clusters',
  title: 'Clusters',
  description: 'All clusters beside each other, their targets, and the way of their samples to the centre.',
  variables: [
    { name: 'cluster', label: 'Cluster', from: 'cluster:last_sample:timestamp_seconds', of: 'cluster' },
    { name: 'job', label: 'Job', from: 'up{cluster=~"$cluster"}', of: 'job' },
  ],
  alerts: 'cluster=~"$cluster|"',
  rows: [sideBySide, targets, wayToTheCentre, rate, centreMachine, kubernetes],
}
