import type { Row } from './dashboard.js'

/** Of promline's own metrics: those of the centre have no cluster. */
const chosenOrCentre = 'cluster=~"$cluster|"'

/** What the receiver takes and refuses, and what waits in the spools of agents and centre. */
export const wayToTheCentre: Row = {
  title: 'The way to the centre',
  panels: [
    {
      kind: 'timeseries',
      title: 'Requests to the receiver',
      description: 'Requests of remote write a second by client and answer: 204 is taken, 4xx refused for good, 503 means come again.',
      unit: 'reqps',
      width: 12,
      queries: [
        {
          expr: 'sum by (receiver, client, code) (rate(promline_receiver_client_requests_total[$__rate_interval]))',
          legend: '{{client}} {{code}}',
        },
      ],
    },
    {
      kind: 'timeseries',
      title: 'Series under a label that is not theirs',
      description: 'Series a second in which a client gave another cluster than its own, and the receiver set it right. Should be 0.',
      unit: 'short',
      width: 12,
      queries: [
        { expr: 'sum by (receiver, client) (rate(promline_receiver_replaced_series_total[$__rate_interval]))', legend: '{{client}}' },
      ],
    },
    {
      kind: 'timeseries',
      title: 'Samples in and delivered',
      description: 'Per second and pipeline, of the agents and the centre. What came in and is not delivered waits in a spool.',
      unit: 'count:samples/s',
      width: 12,
      queries: [
        {
          expr: `sum by (cluster, pipeline) (rate(promline_in_samples_total{stage="intake",${chosenOrCentre}}[$__rate_interval]))`,
          legend: '{{cluster}} {{pipeline}} in',
        },
        {
          expr: `sum by (cluster, pipeline) (rate(promline_delivered_samples_total{${chosenOrCentre}}[$__rate_interval]))`,
          legend: '{{cluster}} {{pipeline}} delivered',
        },
      ],
    },
    {
      kind: 'timeseries',
      title: 'Lag',
      description: 'Age of the oldest batch that a sink has not delivered. SpoolGrowing fires above 2 minutes while the spool grows.',
      unit: 's',
      width: 12,
      thresholds: [{ from: 120, colour: 'red' }],
      queries: [
        {
          expr: `max by (cluster, pipeline, sink) (promline_sink_lag_seconds{${chosenOrCentre}})`,
          legend: '{{cluster}} {{pipeline}} {{sink}}',
        },
      ],
    },
    {
      kind: 'timeseries',
      title: 'Spool',
      description: 'Bytes on disk. Some are always there; SpoolGrowing fires above 80 % of the cap, promline_spool_max_bytes.',
      unit: 'bytes',
      width: 12,
      queries: [{ expr: `max by (cluster, pipeline) (promline_spool_bytes{${chosenOrCentre}})`, legend: '{{cluster}} {{pipeline}}' }],
    },
    {
      kind: 'timeseries',
      title: 'Lost samples',
      description: 'Samples a second that were rejected by a receiver. Should be 0, or not there at all.',
      unit: 'count:samples/s',
      width: 12,
      queries: [
        {
          expr: `sum by (cluster, pipeline, sink) (rate(promline_rejected_samples_total{${chosenOrCentre}}[$__rate_interval])) or 0 * sum by (cluster, pipeline, sink) (promline_sink_state{${chosenOrCentre}})`,
          legend: '{{cluster}} {{pipeline}} {{sink}}',
        },
      ],
    },
  ],
}
