import { exposition, type Family, unixSeconds } from './exposition.js'
import { noiseHex, noiseInteger } from './noise.js'

const podCount = 1100
const deploymentCount = 113
/** One pod in this many is another one in each version: some ninety series come and go between two scrapes. */
const replacedPod = 437
const startSeconds = 1_704_067_200
const teams = ['payments', 'checkout', 'inventory', 'recommendations', 'identity', 'notifications', 'search']
const stages = ['production', 'staging', 'canary']

/** What a pod shows in one family: for each row the labels beside the pod's own, and the value. */
interface PodFamily {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly rows: readonly string[]
  readonly value: (pod: number, row: number, version: number) => number | string
}

const flag = (_pod: number, row: number): number => (row === 0 ? 1 : 0)
const one = (): number => 1
const time = (pod: number): string => unixSeconds(startSeconds + pod * 37 + noiseInteger(pod, 5, 30))
const each = (label: string, values: readonly string[]): string[] => values.map((value) => `,${label}="${value}"`)
const container = ',container="application"'
const resources = [
  `${container},node="ip-10-12-7-31.eu-central-1.compute.internal",resource="cpu",unit="core"`,
  `${container},node="ip-10-12-7-31.eu-central-1.compute.internal",resource="memory",unit="byte"`,
]
const image = 'image="registry.example.com/platform/application:2024.1.17-3f9c2d1",image_id="sha256:9b2f4c1d"'
const owner = ',owner_kind="ReplicaSet",owner_name="application-7c9f8d6b54",owner_is_controller="true"'

/** 46 rows a pod. */
const podFamilies: readonly PodFamily[] = [
  gauge('info', [',host_ip="10.12.7.31",pod_ip="100.96.3.17",node="ip-10-12-7-31",created_by_kind="ReplicaSet",priority_class=""'], one),
  gauge('labels', [',label_app="application",label_version="2024.1.17",label_team="platform"'], one),
  gauge('owner', [owner], one),
  gauge('created', [''], time),
  gauge('start_time', [''], time),
  gauge('restart_policy', [',type="Always"'], one),
  gauge('status_phase', each('phase', ['Running', 'Pending', 'Succeeded', 'Failed', 'Unknown']), flag),
  gauge('status_ready', each('condition', ['true', 'false', 'unknown']), flag),
  gauge('status_scheduled', each('condition', ['true', 'false', 'unknown']), flag),
  gauge('status_scheduled_time', [''], time),
  gauge('status_reason', each('reason', ['Evicted', 'NodeAffinity', 'NodeLost', 'Shutdown', 'UnexpectedAdmissionError']), () => 0),
  gauge('status_qos_class', each('qos_class', ['Burstable', 'BestEffort', 'Guaranteed']), flag),
  gauge('ips', [',ip="100.96.3.17",ip_family="4"'], one),
  gauge('tolerations', each('key', ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']), one),
  gauge('spec_volumes_persistentvolumeclaims_info', [',volume="data",persistentvolumeclaim="application-data-0"'], one),
  gauge('container_info', [`${container},${image}`], one),
  gauge('container_status_waiting', [container], () => 0),
  gauge('container_status_running', [container], one),
  gauge('container_status_terminated', [container], () => 0),
  gauge('container_status_ready', [container], one),
  { name: 'container_status_restarts_total', type: 'counter', rows: [container], value: restarts },
  gauge('container_state_started', [container], time),
  gauge('container_status_last_terminated_reason', [`${container},reason="OOMKilled"`], () => 0),
  gauge('container_resource_requests', resources, requested),
  gauge('container_resource_limits', resources, (pod, row) => requested(pod, row) * 2),
  gauge('init_container_info', [`,container="migrate",${image}`], one),
  gauge('init_container_status_ready', [',container="migrate"'], one),
  gauge('status_container_ready_time', [''], time),
  gauge('status_initialized_time', [''], time),
]

const deploymentFamilies = [
  'created',
  'labels',
  'metadata_generation',
  'spec_replicas',
  'status_observed_generation',
  'status_replicas',
  'status_replicas_available',
  'status_replicas_unavailable',
  'status_replicas_updated',
]

/** A kube-state-metrics of 1,100 pods: 51,617 series, most of which stand still while one pod makes room for another. */
export function kubeStatePage(version: number): string {
  const pods = Array.from({ length: podCount }, (_, pod) => podLabels(pod, version))
  const families = podFamilies.map((family) => podFamily(family, pods, version))
  return exposition([...families, ...deploymentFamilies.map((name) => deploymentFamily(name, version))])
}

function podFamily({ name, type, rows, value }: PodFamily, pods: readonly string[], version: number): Family {
  const full = `kube_pod_${name}`
  const lines = pods.flatMap((labels, pod) => rows.map((row, i) => `${full}{${labels}${row}} ${value(pod, i, version)}`))
  return { name: full, type, help: `[STABLE] ${name.replaceAll('_', ' ')} of a pod.`, lines }
}

function deploymentFamily(name: string, version: number): Family {
  const full = `kube_deployment_${name}`
  const lines: string[] = []
  for (let i = 0; i < deploymentCount; i++) {
    const labels = `namespace="${namespaceOf(i)}",deployment="application-${noiseHex(i, 11, 6)}"`
    lines.push(`${full}{${labels}} ${name === 'created' ? time(i) : 1 + noiseInteger(i, 12 + version, 9)}`)
  }
  return { name: full, type: 'gauge', help: `[STABLE] ${name.replaceAll('_', ' ')} of a deployment.`, lines }
}

function podLabels(pod: number, version: number): string {
  const seed = pod === replacedPod ? podCount + version : pod
  const hex = noiseHex(seed, 1, 32)
  const uid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  return `namespace="${namespaceOf(pod)}",pod="application-${noiseHex(pod % 113, 2, 10)}-${noiseHex(seed, 3, 5)}",uid="${uid}"`
}

function namespaceOf(i: number): string {
  return `platform-team-${teams[i % teams.length]}-${stages[i % stages.length]}-eu-central`
}

function gauge(name: string, rows: readonly string[], value: PodFamily['value']): PodFamily {
  return { name, type: 'gauge', rows, value }
}

function restarts(pod: number, _row: number, version: number): number {
  return noiseInteger(pod, 20, 12) + (noiseInteger(pod, 21 + version, 200) === 0 ? 1 : 0)
}

function requested(pod: number, row: number): number {
  return row === 0 ? (1 + noiseInteger(pod, 30, 8)) / 10 : (1 + noiseInteger(pod, 31, 32)) * 134_217_728
}
