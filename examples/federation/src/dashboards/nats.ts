import type { Dashboard, Panel } from './dashboard.js'

const chosen = 'cluster=~"$cluster",server_id=~"$server"'

/** One curve for each chosen server. */
function perServer(panel: Omit<Panel, 'kind' | 'width' | 'queries'>, expr: string): Panel {
  return { ...panel, kind: 'timeseries', width: 12, queries: [{ expr, legend: '{{cluster}} {{server_id}}' }] }
}

/** One curve for each stream of the chosen servers. */
function perStream(panel: Omit<Panel, 'kind' | 'width' | 'queries'>, expr: string): Panel {
  return { ...panel, kind: 'timeseries', width: 12, queries: [{ expr, legend: '{{cluster}} {{stream_name}}' }] }
}

/** NATS servers and their JetStream, one by one. */
export const nats: Dashboard = {
  uid: 'promline-nats',
  title: 'NATS',
  description: 'NATS servers and their JetStream, by cluster and server.',
  variables: [
    { name: 'cluster', label: 'Cluster', from: 'nats_varz_connections', of: 'cluster' },
    { name: 'server', label: 'Server', from: 'nats_varz_connections{cluster=~"$cluster"}', of: 'server_id' },
  ],
  alerts: 'alertname=~"Nats.*|JetStream.*",cluster=~"$cluster"',
  rows: [
    {
      title: 'Now',
      height: 4,
      panels: [
        {
          kind: 'stat',
          title: 'Servers',
          description: 'Servers that answer their exporter. NatsDown fires a minute after one does not.',
          unit: 'short',
          width: 4,
          queries: [{ expr: `sum(nats_up{${chosen}})`, legend: 'servers' }],
        },
        {
          kind: 'stat',
          title: 'Connections',
          description: 'Clients that are connected.',
          unit: 'short',
          width: 4,
          queries: [{ expr: `sum(nats_varz_connections{${chosen}})`, legend: 'connections' }],
        },
        {
          kind: 'stat',
          title: 'Messages in',
          description: 'Messages a second that clients and other servers send to NATS.',
          unit: 'count:msg/s',
          width: 4,
          queries: [{ expr: `sum(rate(nats_varz_in_msgs{${chosen}}[$__rate_interval]))`, legend: 'in' }],
        },
        {
          kind: 'stat',
          title: 'Messages out',
          description: 'Messages a second that NATS sends: one that comes in goes out once for each subscriber.',
          unit: 'count:msg/s',
          width: 4,
          queries: [{ expr: `sum(rate(nats_varz_out_msgs{${chosen}}[$__rate_interval]))`, legend: 'out' }],
        },
        {
          kind: 'stat',
          title: 'Slow consumers, 1 h',
          description: 'Clients that were cut off within the last hour because they read too slowly; they missed messages. Should be 0.',
          unit: 'short',
          width: 4,
          thresholds: [{ from: 0.5, colour: 'orange' }],
          queries: [{ expr: `sum(increase(nats_varz_slow_consumers{${chosen}}[1h]))`, legend: 'cut off' }],
        },
        {
          kind: 'gauge',
          title: 'JetStream storage',
          description: 'The fullest server: share of its file storage that is used. JetStreamStorageFull fires above 85 %.',
          unit: 'percentunit',
          width: 4,
          max: 1,
          thresholds: [
            { from: 0.7, colour: 'orange' },
            { from: 0.85, colour: 'red' },
          ],
          queries: [{ expr: `max(server:nats_jetstream_storage_used:ratio{${chosen}})`, legend: 'used' }],
        },
      ],
    },
    {
      title: 'Traffic',
      panels: [
        perServer(
          { title: 'Messages in', description: 'Messages a second that come to a server.', unit: 'count:msg/s' },
          `rate(nats_varz_in_msgs{${chosen}}[$__rate_interval])`,
        ),
        perServer(
          { title: 'Messages out', description: 'Messages a second that a server sends.', unit: 'count:msg/s' },
          `rate(nats_varz_out_msgs{${chosen}}[$__rate_interval])`,
        ),
        perServer(
          { title: 'Bytes in', description: 'Payload bytes a second that come to a server.', unit: 'Bps' },
          `rate(nats_varz_in_bytes{${chosen}}[$__rate_interval])`,
        ),
        perServer(
          { title: 'Bytes out', description: 'Payload bytes a second that a server sends.', unit: 'Bps' },
          `rate(nats_varz_out_bytes{${chosen}}[$__rate_interval])`,
        ),
      ],
    },
    {
      title: 'Servers',
      panels: [
        perServer(
          { title: 'Connections', description: 'Clients that are connected to a server.', unit: 'short' },
          `nats_varz_connections{${chosen}}`,
        ),
        perServer(
          {
            title: 'New connections',
            description: 'Connections a second that were made: far above 0 all the time means clients that cannot stay.',
            unit: 'count:connections/s',
          },
          `rate(nats_varz_total_connections{${chosen}}[$__rate_interval])`,
        ),
        perServer(
          { title: 'Memory', description: 'Memory of the server process. What clients have not read yet is in it.', unit: 'bytes' },
          `nats_varz_mem{${chosen}}`,
        ),
        perServer(
          { title: 'CPU', description: 'CPU of the server process; 100 % is one core.', unit: 'percent' },
          `nats_varz_cpu{${chosen}}`,
        ),
        perServer(
          { title: 'Subscriptions', description: 'Subjects that clients listen to.', unit: 'short' },
          `nats_varz_subscriptions{${chosen}}`,
        ),
        perServer(
          {
            title: 'Slow consumers',
            description: 'Clients that were cut off because they read too slowly, in 5 minutes. NatsSlowConsumers fires on the first.',
            unit: 'short',
          },
          `increase(nats_varz_slow_consumers{${chosen}}[5m])`,
        ),
      ],
    },
    {
      title: 'JetStream',
      panels: [
        {
          kind: 'timeseries',
          title: 'File storage',
          description: 'What streams take of the disk, and the limit of the server: at the limit every publish is refused.',
          unit: 'bytes',
          width: 12,
          queries: [
            { expr: `nats_varz_jetstream_stats_storage{${chosen}}`, legend: '{{cluster}} {{server_id}} used' },
            { expr: `nats_varz_jetstream_config_max_storage{${chosen}} > 0 < 2 ^ 63`, legend: '{{cluster}} {{server_id}} limit' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Memory storage',
          description: 'What streams in memory take, and the limit of the server.',
          unit: 'bytes',
          width: 12,
          queries: [
            { expr: `nats_varz_jetstream_stats_memory{${chosen}}`, legend: '{{cluster}} {{server_id}} used' },
            { expr: `nats_varz_jetstream_config_max_memory{${chosen}} > 0 < 2 ^ 63`, legend: '{{cluster}} {{server_id}} limit' },
          ],
        },
        perStream(
          { title: 'Messages published', description: 'Messages a second that a stream takes in.', unit: 'count:msg/s' },
          `sum by (cluster, stream_name) (rate(nats_stream_last_seq{${chosen}}[$__rate_interval]))`,
        ),
        perStream(
          { title: 'Messages kept', description: 'Messages that a stream holds, until its limits remove them.', unit: 'short' },
          `sum by (cluster, stream_name) (nats_stream_total_messages{${chosen}})`,
        ),
        perStream(
          { title: 'Bytes kept', description: 'Bytes that a stream holds.', unit: 'bytes' },
          `sum by (cluster, stream_name) (nats_stream_total_bytes{${chosen}})`,
        ),
        {
          kind: 'timeseries',
          title: 'Consumers behind',
          description: 'Messages that a consumer has not been given yet. A curve that only rises is a consumer that is too slow, or gone.',
          unit: 'short',
          width: 12,
          queries: [
            {
              expr: `sum by (cluster, stream_name, consumer_name) (nats_consumer_num_pending{${chosen}})`,
              legend: '{{cluster}} {{stream_name}} {{consumer_name}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Not acknowledged',
          description: 'Messages that a consumer was given and has not acknowledged: they come again if it does not.',
          unit: 'short',
          width: 12,
          queries: [
            {
              expr: `sum by (cluster, stream_name, consumer_name) (nats_consumer_num_ack_pending{${chosen}})`,
              legend: '{{cluster}} {{stream_name}} {{consumer_name}}',
            },
          ],
        },
        {
          kind: 'table',
          title: 'Totals',
          description: 'Streams, consumers, messages and bytes of JetStream by cluster.',
          unit: 'short',
          width: 12,
          key: 'cluster',
          queries: [
            { expr: `sum by (cluster) (nats_server_total_streams{${chosen}})`, legend: 'Streams' },
            { expr: `sum by (cluster) (nats_server_total_consumers{${chosen}})`, legend: 'Consumers' },
            { expr: `sum by (cluster) (nats_server_total_messages{${chosen}})`, legend: 'Messages' },
            { expr: `sum by (cluster) (nats_server_total_message_bytes{${chosen}})`, legend: 'Bytes', unit: 'bytes' },
          ],
        },
      ],
    },
  ],
}
