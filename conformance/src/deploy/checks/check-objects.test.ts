import { describe, expect, test } from 'vitest'
import { type KubernetesObject, objectOf, readObjects } from '../kubernetes-object.js'
import { overlayFolder } from '../overlays.js'
import { readKustomization } from '../read-kustomization.js'
import { checkObjects } from './check-objects.js'

const objects = readKustomization(overlayFolder('primary'))

/** The objects with one value of one of them changed, or taken away. */
function changed(title: string, path: string, value?: unknown): readonly KubernetesObject[] {
  const found = objects.filter((object) => object.title === title)
  if (found.length === 0) throw new Error(`there is no ${title}`)
  return objects.map((object) => {
    if (object.title !== title) return object
    const copy: unknown = structuredClone(object.value)
    const keys = path.split('/')
    const last = keys.pop() ?? ''
    const parent = keys.reduce((at: unknown, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), copy)
    if (typeof parent !== 'object' || parent === null) throw new Error(`${title} has no ${path}`)
    if (value === undefined) Reflect.deleteProperty(parent, last)
    else Reflect.set(parent, last, value)
    return { ...objectOf(copy), namespace: object.namespace }
  })
}

const template = 'spec/template/spec'
const container = `${template}/containers/0`

describe('checkObjects()', () => {
  test.each<[string, string, unknown, string]>([
    ['Service/grafana', 'spec/selector', { 'app.kubernetes.io/name': 'graphana' }, 'Service/grafana: selects the pods of 0 workloads'],
    ['Service/grafana', 'spec/ports/0/targetPort', 'web', 'Service/grafana: no container has a port named "web"'],
    ['Service/grafana', 'spec/ports/0/port', 80, 'Service/grafana: port 80 is not that of its pods'],
    ['StatefulSet/nats', 'spec/serviceName', 'nats', 'StatefulSet/nats: there is no headless Service "nats"'],
    ['Deployment/grafana', `${container}/resources/limits/memory`, undefined, 'Deployment/grafana: grafana: has no limits of memory'],
    [
      'Deployment/grafana',
      `${container}/livenessProbe/httpGet/port`,
      'web',
      'Deployment/grafana: grafana: livenessProbe asks at port "web"; there are http',
    ],
    ['Deployment/grafana', `${container}/startupProbe`, undefined, 'Deployment/grafana: grafana: has no startupProbe'],
    ['Deployment/grafana', `${template}/securityContext/runAsNonRoot`, undefined, 'Deployment/grafana: may run as root'],
    ['Deployment/grafana', `${template}/securityContext/seccompProfile`, undefined, 'Deployment/grafana: has no seccomp profile'],
    [
      'Deployment/grafana',
      `${container}/securityContext/allowPrivilegeEscalation`,
      undefined,
      'Deployment/grafana: grafana: may gain privileges',
    ],
    [
      'Deployment/grafana',
      `${container}/securityContext/readOnlyRootFilesystem`,
      false,
      'Deployment/grafana: grafana: may write its image',
    ],
    ['Deployment/grafana', `${container}/securityContext/capabilities`, undefined, 'Deployment/grafana: grafana: keeps capabilities'],
    [
      'Deployment/grafana',
      `${template}/terminationGracePeriodSeconds`,
      undefined,
      'Deployment/grafana: does not say how long stopping may take',
    ],
    ['Deployment/grafana', `${template}/serviceAccountName`, 'someone', 'Deployment/grafana: there is no ServiceAccount "someone"'],
    [
      'Deployment/grafana',
      `${template}/automountServiceAccountToken`,
      undefined,
      'Deployment/grafana: the pod and its ServiceAccount differ in whether there is a token',
    ],
    ['Deployment/grafana', `${template}/volumes/0/configMap/name`, 'nothing', 'Deployment/grafana: there is no ConfigMap/nothing'],
    [
      'Deployment/grafana',
      `${template}/volumes/4/persistentVolumeClaim/claimName`,
      'nothing',
      'Deployment/grafana: there is no PersistentVolumeClaim/nothing',
    ],
    [
      'StatefulSet/nats',
      `${container}/env/2/valueFrom/secretKeyRef/key`,
      'User',
      'StatefulSet/nats: Secret/nats-credentials has no key "User"',
    ],
    [
      'Deployment/grafana',
      `${container}/volumeMounts/3/mountPath`,
      '/etc/grafana/dashboards/admin',
      'Deployment/grafana: /etc/grafana/dashboards/admin lies within another mount',
    ],
    ['PodDisruptionBudget/grafana', 'spec/maxUnavailable', 0, 'PodDisruptionBudget/grafana: maxUnavailable is not 1'],
    ['Role/prometheus-discovery', 'rules/0/verbs', ['get', 'patch'], 'Role/prometheus-discovery: allows patch'],
    ['ClusterRole/promline-kube-state-metrics', 'rules/0/resources', ['secrets'], 'ClusterRole/promline-kube-state-metrics: reads secrets'],
    [
      'ClusterRoleBinding/promline-kube-state-metrics',
      'subjects/0/name',
      'nobody',
      'ClusterRoleBinding/promline-kube-state-metrics: there is no ServiceAccount/nobody in promline',
    ],
    [
      'ClusterRoleBinding/promline-kube-state-metrics',
      'roleRef/name',
      'nothing',
      'ClusterRoleBinding/promline-kube-state-metrics: there is no ClusterRole/nothing',
    ],
  ])('%s, %s = %j', (title, path, value, message) => {
    expect(checkObjects(changed(title, path, value))).toContain(message)
  })

  test('names mounts without a volume, and volumes without a mount', () => {
    const faults = checkObjects(changed('Deployment/grafana', `${container}/volumeMounts/5/name`, 'temp'))
    expect(faults).toEqual(['Deployment/grafana: mounts "temp", which is no volume', 'Deployment/grafana: volume "tmp" is not mounted'])
  })

  test('names workloads without a budget, and budgets without a workload', () => {
    const faults = checkObjects(changed('PodDisruptionBudget/grafana', 'spec/selector/matchLabels', { a: 'b' }))
    expect(faults).toEqual([
      'Deployment/grafana: 0 PodDisruptionBudgets select its pods',
      'PodDisruptionBudget/grafana: selects the pods of 0 workloads',
    ])
  })

  test.each([
    ['selector: { matchLabels: { a: b } }, endpoints: [{ port: http }]', 'ServiceMonitor/m: selects 0 Services'],
    [
      'selector: { matchLabels: { app.kubernetes.io/name: grafana } }, endpoints: [{ port: web }]',
      'ServiceMonitor/m: there is no port "web"; there are http',
    ],
  ])('ServiceMonitor of %s', (spec, message) => {
    const text = `{ apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: { name: m, namespace: promline }, spec: { ${spec} } }`
    expect(checkObjects([...objects, ...readObjects(text)])).toEqual([message])
  })

  test.each([
    ['selector: { matchLabels: { a: b } }, podMetricsEndpoints: [{ port: http }]', 'PodMonitor/m: selects the pods of 0 workloads'],
    [
      'selector: { matchLabels: { app.kubernetes.io/name: grafana } }, podMetricsEndpoints: [{ port: web }]',
      'PodMonitor/m: there is no port "web"; there are http',
    ],
  ])('PodMonitor of %s', (spec, message) => {
    const text = `{ apiVersion: monitoring.coreos.com/v1, kind: PodMonitor, metadata: { name: m, namespace: promline }, spec: { ${spec} } }`
    expect(checkObjects([...objects, ...readObjects(text)])).toEqual([message])
  })
})
