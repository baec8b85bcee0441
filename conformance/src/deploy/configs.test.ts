import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileRelabelConfigs, createLabels, loadConfig, type RelabelConfig } from '@promline/core'
import { parsePipelineConfig } from '@promline/example-pipeline'
import { jsonAt, jsonListAt } from '@promline/servers'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { textAt, type Workload, workloadsOf } from './kubernetes-object.js'
import { overlayFolder } from './overlays.js'
import { kubernetesFolder } from './places.js'
import { readKustomization } from './read-kustomization.js'

const variable = /\$\{([A-Z_]+)\}/g

/** A configuration as a container of the workload has it: every variable in it must be in the container's environment. */
function filledIn(file: string, workload: Workload | undefined, values: Readonly<Record<string, string>>): string {
  const environment = jsonListAt(workload?.containers[0], 'env').map((one) => textAt(one, 'name'))
  const lines = readFileSync(join(kubernetesFolder, file), 'utf8').split('\n')
  const text = lines.filter((line) => !line.trimStart().startsWith('#')).join('\n')
  return text.replaceAll(variable, (_, name: string) => {
    expect(environment).toContain(name)
    return values[name] ?? `no value of ${name}`
  })
}

function workloadOf(overlay: 'primary' | 'another-cluster', name: string): Workload | undefined {
  return workloadsOf(readKustomization(overlayFolder(overlay))).find(({ object }) => object.name === name)
}

const shards = 3
/** agent.yml as the pod of this number has it. */
function agentConfig(podIndex: number): ReturnType<typeof loadConfig> {
  const text = filledIn('base/agent/agent.yml', workloadOf('another-cluster', 'promline-agent'), {
    SHARDS: `${shards}`,
    POD_INDEX: `${podIndex}`,
    POD_NAME: `promline-agent-${podIndex}`,
    CLUSTER_NAME: 'another-cluster',
    ENVIRONMENT: 'demo',
    CENTRE_USERNAME: 'another-cluster',
    CENTRE_URL: 'https://centre.example.com:9201/api/v1/write',
  })
  return loadConfig(text, { file: 'agent.yml' })
}

describe('agent.yml', () => {
  test('is a configuration of the agent: it writes as its cluster, over TLS', () => {
    const { remoteWrite, scrapeConfigs, global } = agentConfig(0)
    expect(global.externalLabels.toObject()).toEqual({ cluster: 'another-cluster', environment: 'demo' })
    expect(scrapeConfigs.map(({ jobName }) => jobName)).toEqual(['nats-exporter', 'promline-agent'])
    expect(remoteWrite).toMatchObject([
      { name: 'centre', url: 'https://centre.example.com:9201/api/v1/write', http: { basicAuth: { username: 'another-cluster' } } },
    ])
  })

  test('gives every target to exactly one agent, and about as many to each', () => {
    const keeps = Array.from({ length: shards }, (_, podIndex) => {
      const rules: readonly RelabelConfig[] = agentConfig(podIndex).scrapeConfigs[0]?.relabelConfigs ?? []
      return compileRelabelConfigs(rules)
    })
    const kept = keeps.map(() => 0)
    for (let i = 0; i < 300; i++) {
      const target = createLabels({ __address__: `exporter-${i}:9100` })
      const owners = keeps.flatMap((keep, podIndex) => (keep.relabel(target) === undefined ? [] : [podIndex]))
      expect(owners).toHaveLength(1)
      for (const owner of owners) kept[owner] = (kept[owner] ?? 0) + 1
    }
    for (const count of kept) expect(count).toBeGreaterThan(70)
  })
})

test('promline.yml is a configuration of the centre: every cluster by its credential, and by TLS', () => {
  const hash = `$2b$12$${'a'.repeat(53)}`
  const text = filledIn('base/centre/promline.yml', workloadOf('primary', 'promline'), {
    ANOTHER_CLUSTER_PASSWORD_HASH: hash,
    PROMETHEUS_URL: 'http://prometheus:9090/api/v1/write',
  })
  const config = parsePipelineConfig(text, { file: 'promline.yml', environment: {} })
  expect(config.receiver).toMatchObject({
    listen: '0.0.0.0:9201',
    tls: { certFile: '/etc/promline/tls/tls.crt' },
    clients: [{ name: 'another-cluster' }],
  })
  const enforced = createLabels(config.receiver?.clients?.[0]?.enforcedLabels ?? [])
  expect(enforced.toObject()).toEqual({ cluster: 'another-cluster', environment: 'demo' })
})

test('the Prometheus of Kubernetes has the jobs of the local demo, and kube-state-metrics', () => {
  const jobsOf = (file: string): readonly string[] => {
    const config: unknown = parse(readFileSync(join(kubernetesFolder, file), 'utf8'), { merge: true })
    return jsonListAt(config, 'scrape_configs').map((job) => {
      return `${textAt(job, 'job_name')}${jsonAt(job, 'honor_labels') === true ? ' (honor_labels)' : ''}`
    })
  }
  const local = jobsOf('../../config/prometheus.yml')
  expect([...jobsOf('base/centre/prometheus.yml')].sort()).toEqual([...local, 'kube-state-metrics (honor_labels)'].sort())
})
