import { jsonAt, jsonListAt } from '@promline/servers'
import { type KubernetesObject, selects, textAt, type Workload } from '../kubernetes-object.js'

/** Who speaks to whom: pods of two workloads, or pods and what is outside, by TCP. */
export interface Edge {
  readonly from: Workload | 'outside'
  readonly to: Workload | 'outside'
  readonly port: number
}

/** Why the policies do not let an edge through; undefined where they do. Pods on the network of their host are beyond policies. */
export function refusalOf(edge: Edge, objects: readonly KubernetesObject[]): string | undefined {
  const text = `${nameOf(edge.from)} -> ${nameOf(edge.to)}:${edge.port}`
  if (!isAllowed(edge, { objects, direction: 'egress' })) return `${text}: no policy of ${nameOf(edge.from)} lets it out`
  if (!isAllowed(edge, { objects, direction: 'ingress' })) return `${text}: no policy of ${nameOf(edge.to)} lets it in`
  return undefined
}

interface Direction {
  readonly objects: readonly KubernetesObject[]
  readonly direction: 'egress' | 'ingress'
}

const typeOf = { egress: 'Egress', ingress: 'Ingress' } as const

function isAllowed(edge: Edge, { objects, direction }: Direction): boolean {
  const [subject, peer] = direction === 'egress' ? [edge.from, edge.to] : [edge.to, edge.from]
  if (subject === 'outside' || isOnHost(subject)) return true
  const policies = objects.filter(({ kind, namespace, value }) => {
    const isOfSubject = namespace === subject.namespace && selects(jsonAt(value, 'spec', 'podSelector'), subject.labels)
    return kind === 'NetworkPolicy' && isOfSubject && jsonListAt(value, 'spec', 'policyTypes').includes(typeOf[direction])
  })
  if (policies.length === 0) return true
  const rules = policies.flatMap(({ value }) => jsonListAt(value, 'spec', direction))
  return rules.some((rule) => {
    const peers = jsonListAt(rule, direction === 'egress' ? 'to' : 'from')
    const ports = jsonListAt(rule, 'ports')
    const hasPeer = peers.length === 0 || peers.some((one) => isPeer(one, peer, subject))
    return hasPeer && (ports.length === 0 || ports.some((port) => isPort(port, edge.port)))
  })
}

function isPort(rule: unknown, port: number): boolean {
  return jsonAt(rule, 'port') === port && textAt(rule, 'protocol') === 'TCP'
}

/** Only a block of addresses means what is no pod; a selector of namespaces here is one that selects all of them, or one by its name. */
function isPeer(rule: unknown, peer: Workload | 'outside', subject: Workload): boolean {
  if (peer === 'outside' || isOnHost(peer)) return jsonAt(rule, 'ipBlock') !== undefined
  const namespaces = jsonAt(rule, 'namespaceSelector')
  const pods = jsonAt(rule, 'podSelector')
  if (namespaces === undefined && pods === undefined) return false
  const isNamespace =
    namespaces === undefined ? peer.namespace === subject.namespace : selects(namespaces, { 'kubernetes.io/metadata.name': peer.namespace })
  return isNamespace && selects(pods ?? {}, peer.labels)
}

function isOnHost({ pod }: Workload): boolean {
  return jsonAt(pod, 'hostNetwork') === true
}

function nameOf(end: Workload | 'outside'): string {
  return end === 'outside' ? end : end.object.name
}
