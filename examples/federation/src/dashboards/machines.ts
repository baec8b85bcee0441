import type { Row } from './dashboard.js'

/** By node_exporter. */
export const centreMachine: Row = {
  title: 'The machine of the centre',
  panels: [
    {
      kind: 'timeseries',
      title: 'CPU',
      description: 'Share of all cores that is in use.',
      unit: 'percentunit',
      width: 8,
      max: 1,
      queries: [{ expr: '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[$__rate_interval]))', legend: '{{instance}}' }],
    },
    {
      kind: 'timeseries',
      title: 'Memory',
      description: 'Share of the memory that is in use, and cannot be freed at once.',
      unit: 'percentunit',
      width: 8,
      max: 1,
      queries: [{ expr: '1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes', legend: '{{instance}}' }],
    },
    {
      kind: 'timeseries',
      title: 'Disk',
      description: 'The fullest file system. Prometheus and the spools need room.',
      unit: 'percentunit',
      width: 8,
      max: 1,
      thresholds: [{ from: 0.85, colour: 'red' }],
      queries: [
        {
          expr: 'max by (instance) (1 - node_filesystem_avail_bytes{fstype!~"tmpfs|ramfs"} / (node_filesystem_size_bytes > 0))',
          legend: '{{instance}}',
        },
      ],
    },
  ],
}

/** By kube-state-metrics: empty where there is no Kubernetes. */
export const kubernetes: Row = {
  title: 'Kubernetes',
  collapsed: true,
  panels: [
    {
      kind: 'timeseries',
      title: 'Pods that are not ready',
      description: 'By namespace. Needs kube-state-metrics.',
      unit: 'short',
      width: 8,
      queries: [{ expr: 'sum by (namespace) (kube_pod_status_ready{condition="false"})', legend: '{{namespace}}' }],
    },
    {
      kind: 'timeseries',
      title: 'Restarts, 1 h',
      description: 'Containers that were started again within an hour. Needs kube-state-metrics.',
      unit: 'short',
      width: 8,
      queries: [
        {
          expr: 'sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total[1h])) > 0',
          legend: '{{namespace}} {{pod}}',
        },
      ],
    },
    {
      kind: 'timeseries',
      title: 'Replicas missing',
      description: 'What Deployments and StatefulSets should have and do not. Needs kube-state-metrics.',
      unit: 'short',
      width: 8,
      queries: [
        {
          expr: 'kube_deployment_spec_replicas - kube_deployment_status_replicas_available',
          legend: '{{namespace}} {{deployment}}',
        },
        {
          expr: 'kube_statefulset_replicas - kube_statefulset_status_replicas_ready',
          legend: '{{namespace}} {{statefulset}}',
        },
      ],
    },
  ],
}
