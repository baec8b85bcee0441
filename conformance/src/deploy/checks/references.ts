import { jsonAt, jsonListAt } from '@promline/servers'
import { type KubernetesObject, textAt, type Workload, workloadsOf } from '../kubernetes-object.js'

interface Reference {
  readonly kind: 'ConfigMap' | 'Secret' | 'PersistentVolumeClaim'
  readonly name: string
  /** A key that must be in it; '' where any will do. */
  readonly key: string
}

/**
 * Whether all that pods take from other objects is there: ConfigMaps, Secrets and their keys, claims, volumes. `made` names what the
 * operator makes by hand, as `Secret/NAME`.
 */
export function checkReferences(objects: readonly KubernetesObject[], made: readonly string[]): readonly string[] {
  return workloadsOf(objects).flatMap((workload) => [
    ...checkMounts(workload),
    ...referencesOf(workload)
      .filter(({ kind, name }) => !made.includes(`${kind}/${name}`))
      .flatMap((reference) => checkReference(reference, workload, objects)),
  ])
}

function checkReference({ kind, name, key }: Reference, workload: Workload, objects: readonly KubernetesObject[]): readonly string[] {
  const { title } = workload.object
  const found = objects.find((object) => object.kind === kind && object.name === name && object.namespace === workload.namespace)
  if (found === undefined) return [`${title}: there is no ${kind}/${name}`]
  const data = { ...toObject(jsonAt(found.value, 'data')), ...toObject(jsonAt(found.value, 'stringData')) }
  return key === '' || Object.hasOwn(data, key) ? [] : [`${title}: ${kind}/${name} has no key ${JSON.stringify(key)}`]
}

function toObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}

function referencesOf({ pod, containers }: Workload): readonly Reference[] {
  const volumes = jsonListAt(pod, 'volumes').flatMap((volume): Reference[] => [
    ...keyed('ConfigMap', textAt(volume, 'configMap', 'name'), jsonListAt(volume, 'configMap', 'items')),
    ...keyed('Secret', textAt(volume, 'secret', 'secretName'), jsonListAt(volume, 'secret', 'items')),
    ...keyed('PersistentVolumeClaim', textAt(volume, 'persistentVolumeClaim', 'claimName'), []),
  ])
  const variables = containers.flatMap((container) => jsonListAt(container, 'env')).map((variable) => jsonAt(variable, 'valueFrom'))
  return [
    ...volumes,
    ...variables.flatMap((from) => [
      ...keyed('ConfigMap', textAt(from, 'configMapKeyRef', 'name'), [jsonAt(from, 'configMapKeyRef')]),
      ...keyed('Secret', textAt(from, 'secretKeyRef', 'name'), [jsonAt(from, 'secretKeyRef')]),
    ]),
  ]
}

function keyed(kind: Reference['kind'], name: string, items: readonly unknown[]): readonly Reference[] {
  if (name === '') return []
  return items.length === 0 ? [{ kind, name, key: '' }] : items.map((item) => ({ kind, name, key: textAt(item, 'key') }))
}

function checkMounts({ object, pod, containers }: Workload): readonly string[] {
  const claims = jsonListAt(object.value, 'spec', 'volumeClaimTemplates').map((claim) => textAt(claim, 'metadata', 'name'))
  const volumes = [...claims, ...jsonListAt(pod, 'volumes').map((volume) => textAt(volume, 'name'))]
  const mounts = containers.flatMap((container) => jsonListAt(container, 'volumeMounts')).map((mount) => textAt(mount, 'name'))
  const nested = containers.flatMap((container) => {
    const paths = jsonListAt(container, 'volumeMounts').map((mount) => textAt(mount, 'mountPath'))
    return paths.filter((path) => paths.some((other) => path.startsWith(`${other}/`)))
  })
  return [
    // Whether a mount point can be made inside what is mounted read-only is up to who makes it.
    ...nested.map((path) => `${object.title}: ${path} lies within another mount`),
    ...mounts
      .filter((name) => !volumes.includes(name))
      .map((name) => `${object.title}: mounts ${JSON.stringify(name)}, which is no volume`),
    ...volumes.filter((name) => !mounts.includes(name)).map((name) => `${object.title}: volume ${JSON.stringify(name)} is not mounted`),
  ]
}
