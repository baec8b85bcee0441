import { jsonAt, jsonListAt } from '@promline/servers'
import { type KubernetesObject, textAt, type Workload, workloadsOf } from '../kubernetes-object.js'

const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const

/** What every pod must have: limits, probes at ports that there are, no rights that it does not need. One line for each fault. */
export function checkPods(objects: readonly KubernetesObject[]): readonly string[] {
  const accounts = objects.filter(({ kind }) => kind === 'ServiceAccount')
  return workloadsOf(objects).flatMap((workload) => [
    ...checkPod(workload, accounts),
    ...workload.containers.flatMap((container) => {
      const faults = [...checkResources(container), ...checkProbes(container, workload), ...checkContainerSecurity(container)]
      return faults.map((fault) => `${workload.object.title}: ${textAt(container, 'name')}: ${fault}`)
    }),
  ])
}

function checkPod({ object, pod, namespace }: Workload, accounts: readonly KubernetesObject[]): readonly string[] {
  const faults: string[] = []
  if (jsonAt(pod, 'securityContext', 'runAsNonRoot') !== true) faults.push('may run as root')
  if (textAt(pod, 'securityContext', 'seccompProfile', 'type') !== 'RuntimeDefault') faults.push('has no seccomp profile')
  if (jsonAt(pod, 'terminationGracePeriodSeconds') === undefined) faults.push('does not say how long stopping may take')
  const name = textAt(pod, 'serviceAccountName')
  const account = accounts.find((one) => one.name === name && one.namespace === namespace)
  if (account === undefined) faults.push(`there is no ServiceAccount ${JSON.stringify(name)}`)
  else if (jsonAt(account.value, 'automountServiceAccountToken') !== jsonAt(pod, 'automountServiceAccountToken')) {
    faults.push('the pod and its ServiceAccount differ in whether there is a token')
  }
  return faults.map((fault) => `${object.title}: ${fault}`)
}

function checkResources(container: unknown): readonly string[] {
  const needed = ['requests', 'limits'].flatMap((kind) => ['cpu', 'memory'].map((resource) => [kind, resource] as const))
  return needed
    .filter(([kind, resource]) => textAt(container, 'resources', kind, resource) === '')
    .map(([kind, resource]) => `has no ${kind} of ${resource}`)
}

/** Probes are for what serves: a container without ports, as that of a batch job, has none. */
function checkProbes(container: unknown, { object }: Workload): readonly string[] {
  const ports = jsonListAt(container, 'ports').map((port) => textAt(port, 'name'))
  if (ports.length === 0) return object.kind === 'CronJob' ? [] : ['has no port, and so no probe']
  return probes.flatMap((probe) => {
    const port = textAt(container, probe, 'httpGet', 'port')
    if (port === '') return [`has no ${probe}`]
    return ports.includes(port) ? [] : [`${probe} asks at port ${JSON.stringify(port)}; there are ${ports.join(', ')}`]
  })
}

function checkContainerSecurity(container: unknown): readonly string[] {
  const context = jsonAt(container, 'securityContext')
  const faults: string[] = []
  if (jsonAt(context, 'allowPrivilegeEscalation') !== false) faults.push('may gain privileges')
  if (jsonAt(context, 'readOnlyRootFilesystem') !== true) faults.push('may write its image')
  if (!jsonListAt(context, 'capabilities', 'drop').includes('ALL')) faults.push('keeps capabilities')
  return faults
}
