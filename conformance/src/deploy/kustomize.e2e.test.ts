import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { jsonTextsAt, serverPath } from '@promline/servers'
import { expect, test } from 'vitest'
import { describeWithServers } from '../servers/describe-with-servers.js'
import { checkObjects } from './checks/check-objects.js'
import { type Edge, refusalOf } from './checks/network.js'
import { type KubernetesObject, readObjects, textAt, workloadsOf } from './kubernetes-object.js'
import { edgesOf, type Overlay, overlayFolder, overlays } from './overlays.js'
import { kubernetesFolder } from './places.js'
import { readKustomization } from './read-kustomization.js'

const run = promisify(execFile)

async function build(folder: string): Promise<readonly KubernetesObject[]> {
  const { stdout } = await run(serverPath('kustomize'), ['build', folder], { maxBuffer: 16 * 1024 * 1024 })
  return readObjects(stdout).map(withPlainData)
}

/** kustomize breaks long values into lines, which the API of Kubernetes overlooks and the schema does not. */
function withPlainData(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'Secret' || typeof object.value !== 'object') return object
  const data = Object.entries(jsonTextsAt(object.value, 'data')).map(([key, value]) => [key, value.replaceAll('\n', '')])
  return { ...object, value: { ...object.value, data: Object.fromEntries(data) } }
}

/** The hash at the end of the name of what kustomize generates, in its alphabet. */
const hash = /-[bcdfghkmt2456789]{10}$/

function titlesOf(objects: readonly KubernetesObject[]): readonly string[] {
  return objects.map(({ kind, name, namespace }) => `${namespace} ${kind}/${name}`).sort()
}

/** Builds an overlay as it is after a change to the text of its kustomization.yaml. */
async function buildChanged(overlay: Overlay, change: (text: string) => string): Promise<readonly KubernetesObject[]> {
  const folder = await mkdtemp(join(tmpdir(), 'promline-kustomize-'))
  try {
    await cp(overlayFolder(overlay), folder, { recursive: true })
    const file = join(folder, 'kustomization.yaml')
    const text = await readFile(file, 'utf8')
    const changed = change(text)
    expect(changed).not.toBe(text)
    // kustomize takes no absolute paths.
    await writeFile(file, changed.replaceAll('../../', `${relative(folder, kubernetesFolder)}/`))
    return await build(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

describeWithServers('kustomize builds', ['kustomize'], () => {
  test.each(overlays)('overlays/%s, without a fault', async (overlay) => {
    const objects = await build(overlayFolder(overlay))
    expect(checkObjects(objects)).toEqual([])
    expect(edgesOf(overlay, objects).flatMap((edge) => refusalOf(edge, objects) ?? [])).toEqual([])
    // What a clone without kustomize tests is the same.
    const named = objects.map((object) => ({ ...object, name: object.name.replace(hash, '') }))
    expect(titlesOf(named)).toEqual(titlesOf(readKustomization(overlayFolder(overlay))))
  })

  test.each(overlays)('overlays/%s, with a version for every image', async (overlay) => {
    const images = workloadsOf(await build(overlayFolder(overlay))).flatMap(({ containers }) =>
      containers.map((one) => textAt(one, 'image')),
    )
    expect(images.filter((image) => !/:v?\d+\.\d+\.\d+/.test(image))).toEqual([])
  })

  test('as many shards as there are agents, from one number', async () => {
    const objects = await buildChanged('another-cluster', (text) => text.replace('count: 2', 'count: 5'))
    const agents = workloadsOf(objects).find(({ object }) => object.name === 'promline-agent')
    expect(textAt(agents?.object.value, 'spec', 'replicas')).toBe('5')
    expect(JSON.stringify(agents?.containers)).toContain('{"name":"SHARDS","value":"5"}')
  })

  test('components/pod-monitor with overlays/another-cluster, where its line is no comment any more', async () => {
    const objects = await buildChanged('another-cluster', (text) =>
      text.replace('# - ../../components/pod-monitor', '- ../../components/pod-monitor'),
    )
    expect(objects.filter(({ kind }) => kind === 'PodMonitor')).toHaveLength(1)
    expect(checkObjects(objects)).toEqual([])
  })

  test('components/service-monitors with overlays/primary: the stack scrapes and is written to, and nothing is there twice', async () => {
    const line = '- ../../components/service-monitors'
    const objects = await buildChanged('primary', (text) => text.replace(`# ${line}`, line))
    expect(checkObjects(objects)).toEqual([])
    expect(objects.filter(({ kind }) => kind === 'ServiceMonitor').map(({ name }) => name)).toEqual([
      'nats-exporter',
      'promline',
      'pushgateway',
      'usdt-exporter',
    ])
    const workloads = workloadsOf(objects)
    const names = workloads.map(({ object }) => object.name)
    for (const name of ['prometheus', 'alertmanager', 'grafana', 'kube-state-metrics', 'node-exporter']) expect(names).not.toContain(name)

    const [stack] = workloadsOf(readObjects(stackPrometheus))
    const edges = workloads.flatMap((workload): readonly Edge[] => {
      const { name } = workload.object
      if (stack === undefined) return []
      if (name === 'promline')
        return [
          { from: stack, to: workload, port: 8888 },
          { from: workload, to: stack, port: 9090 },
        ]
      const port = workload.ports.get(name === 'pushgateway' ? 'http' : 'metrics')
      return port === undefined ? [] : [{ from: stack, to: workload, port }]
    })
    expect(edges).toHaveLength(5)
    expect(edges.flatMap((edge) => refusalOf(edge, objects) ?? [])).toEqual([])
    expect(JSON.stringify(workloads.find(({ object }) => object.name === 'promline')?.containers)).toContain(
      '{"name":"PROMETHEUS_URL","value":"http://kube-prometheus-stack-prometheus.monitoring:9090/api/v1/write"}',
    )
  })
})

/** As much of the Prometheus of kube-prometheus-stack as policies look at. */
const stackPrometheus = `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: prometheus-stack, namespace: monitoring }
spec: { template: { metadata: { labels: { app.kubernetes.io/name: prometheus } }, spec: {} } }
`
