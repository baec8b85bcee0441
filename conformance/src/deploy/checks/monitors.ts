import { jsonAt, jsonListAt } from '@promline/servers'
import { type KubernetesObject, selects, textAt, workloadsOf } from '../kubernetes-object.js'

/** ServiceMonitors and PodMonitors whose selector finds not exactly one Service or workload, or whose port it does not have. */
export function checkMonitors(objects: readonly KubernetesObject[]): readonly string[] {
  return objects.flatMap((monitor) => {
    if (monitor.kind === 'ServiceMonitor') return checkServiceMonitor(monitor, objects)
    return monitor.kind === 'PodMonitor' ? checkPodMonitor(monitor, objects) : []
  })
}

function checkServiceMonitor(monitor: KubernetesObject, objects: readonly KubernetesObject[]): readonly string[] {
  const found = objects.filter(({ kind, labels, namespace }) => {
    return kind === 'Service' && namespace === monitor.namespace && selects(jsonAt(monitor.value, 'spec', 'selector'), labels)
  })
  if (found.length !== 1) return [`${monitor.title}: selects ${found.length} Services`]
  const ports = found.flatMap(({ value }) => jsonListAt(value, 'spec', 'ports')).map((port) => textAt(port, 'name'))
  return checkEndpoints(monitor, { field: 'endpoints', ports })
}

function checkPodMonitor(monitor: KubernetesObject, objects: readonly KubernetesObject[]): readonly string[] {
  const found = workloadsOf(objects).filter(({ namespace, labels }) => {
    return namespace === monitor.namespace && selects(jsonAt(monitor.value, 'spec', 'selector'), labels)
  })
  if (found.length !== 1) return [`${monitor.title}: selects the pods of ${found.length} workloads`]
  return checkEndpoints(monitor, { field: 'podMetricsEndpoints', ports: found.flatMap(({ ports }) => [...ports.keys()]) })
}

function checkEndpoints(monitor: KubernetesObject, { field, ports }: { field: string; ports: readonly string[] }): readonly string[] {
  return jsonListAt(monitor.value, 'spec', field)
    .map((endpoint) => textAt(endpoint, 'port'))
    .filter((port) => !ports.includes(port))
    .map((port) => `${monitor.title}: there is no port ${JSON.stringify(port)}; there are ${ports.join(', ')}`)
}
