import { jsonAt, jsonListAt } from '@promline/servers'
import { type KubernetesObject, selects, textAt, type Workload, workloadsOf } from '../kubernetes-object.js'

/** The workloads whose pods a Service stands for. */
export function podsOfService(service: KubernetesObject, objects: readonly KubernetesObject[]): readonly Workload[] {
  const selector = { matchLabels: jsonAt(service.value, 'spec', 'selector') }
  return workloadsOf(objects).filter(({ namespace, labels }) => namespace === service.namespace && selects(selector, labels))
}

/** Services that stand for nothing, and ports that no container has; StatefulSets without the Service that names their pods. */
export function checkServices(objects: readonly KubernetesObject[]): readonly string[] {
  const services = objects.filter(({ kind }) => kind === 'Service')
  return [
    ...services.flatMap((service) => checkService(service, objects)),
    ...objects.filter(({ kind }) => kind === 'StatefulSet').flatMap((set) => checkServiceName(set, services)),
  ]
}

function checkService(service: KubernetesObject, objects: readonly KubernetesObject[]): readonly string[] {
  const pods = podsOfService(service, objects)
  if (pods.length !== 1) return [`${service.title}: selects the pods of ${pods.length} workloads`]
  return jsonListAt(service.value, 'spec', 'ports').flatMap((port) => {
    const target = textAt(port, 'targetPort')
    const numbers = pods.map(({ ports }) => ports.get(target))
    if (numbers.includes(undefined)) return [`${service.title}: no container has a port named ${JSON.stringify(target)}`]
    return numbers.includes(Number(jsonAt(port, 'port'))) ? [] : [`${service.title}: port ${textAt(port, 'port')} is not that of its pods`]
  })
}

function checkServiceName(set: KubernetesObject, services: readonly KubernetesObject[]): readonly string[] {
  const name = textAt(set.value, 'spec', 'serviceName')
  const service = services.find((one) => one.name === name && one.namespace === set.namespace)
  const isHeadless = jsonAt(service?.value, 'spec', 'clusterIP') === 'None'
  return isHeadless ? [] : [`${set.title}: there is no headless Service ${JSON.stringify(name)}`]
}
