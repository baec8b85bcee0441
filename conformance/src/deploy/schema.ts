import { PodMonitor, ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'
import { DaemonSet, Deployment, StatefulSet } from 'kubernetes-models/apps/v1'
import { CronJob } from 'kubernetes-models/batch/v1'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1'
import { ConfigMap, Namespace, PersistentVolumeClaim, Secret, Service, ServiceAccount } from 'kubernetes-models/v1'
import type { KubernetesObject } from './kubernetes-object.js'

/** A class of kubernetes-models: its method checks `this`. */
interface Model {
  readonly prototype: { readonly validate: () => void }
}

/** The kinds that the manifests may have. Each class checks an object against the schema of the Kubernetes API, or of the operator's resources. */
const models: ReadonlyMap<string, Model> = new Map<string, Model>([
  ['v1/ConfigMap', ConfigMap],
  ['v1/Namespace', Namespace],
  ['v1/PersistentVolumeClaim', PersistentVolumeClaim],
  ['v1/Secret', Secret],
  ['v1/Service', Service],
  ['v1/ServiceAccount', ServiceAccount],
  ['apps/v1/DaemonSet', DaemonSet],
  ['apps/v1/Deployment', Deployment],
  ['apps/v1/StatefulSet', StatefulSet],
  ['batch/v1/CronJob', CronJob],
  ['networking.k8s.io/v1/NetworkPolicy', NetworkPolicy],
  ['policy/v1/PodDisruptionBudget', PodDisruptionBudget],
  ['rbac.authorization.k8s.io/v1/ClusterRole', ClusterRole],
  ['rbac.authorization.k8s.io/v1/ClusterRoleBinding', ClusterRoleBinding],
  ['rbac.authorization.k8s.io/v1/Role', Role],
  ['rbac.authorization.k8s.io/v1/RoleBinding', RoleBinding],
  ['monitoring.coreos.com/v1/PodMonitor', PodMonitor],
  ['monitoring.coreos.com/v1/ServiceMonitor', ServiceMonitor],
])

/** What is wrong with an object by the schema of its kind: wrong types, what is missing, and fields that the kind does not have. */
export function schemaErrors(object: KubernetesObject): readonly string[] {
  const kind = `${object.apiVersion}/${object.kind}`
  const model = models.get(kind)
  if (model === undefined) return [`${object.title}: there is no schema of ${kind}`]
  const read = new Set<string>()
  try {
    // Not on an instance: its constructor copies, which reads every field.
    Reflect.apply(model.prototype.validate, watched(object.value, { path: '', read }), [])
  } catch (error) {
    return [`${object.title}: ${error instanceof Error ? error.message : String(error)}`]
  }
  return fieldsOf(object.value)
    .filter((path) => !read.has(path))
    .map((path) => `${object.title}: ${path} is no field of this kind`)
}

/**
 * The schemas let unknown fields pass, as the API of Kubernetes does unless it is told to be strict; a slip in the name of a probe would
 * be a pod without one. The compiled schemas read every field that they know: what nobody reads, they do not know.
 */
function watched(value: unknown, place: { readonly path: string; readonly read: Set<string> }): unknown {
  if (typeof value !== 'object' || value === null) return value
  return new Proxy(value, {
    get(target, key, receiver) {
      const found: unknown = Reflect.get(target, key, receiver)
      if (typeof key === 'symbol') return found
      const path = `${place.path}/${key}`
      place.read.add(path)
      return watched(found, { path, read: place.read })
    },
  })
}

/** The path of every member of an object, and of theirs. */
function fieldsOf(value: unknown, path = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => [`${path}/${key}`, ...fieldsOf(member, `${path}/${key}`)])
}
