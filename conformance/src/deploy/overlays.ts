import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { jsonListAt } from '@promline/servers'
import { parse } from 'yaml'
import type { Edge } from './checks/network.js'
import { podsOfService } from './checks/services.js'
import { type KubernetesObject, textAt, type Workload, workloadsOf } from './kubernetes-object.js'
import { kubernetesFolder } from './places.js'

export const overlays = ['primary', 'another-cluster'] as const
export type Overlay = (typeof overlays)[number]

export function overlayFolder(overlay: Overlay): string {
  return join(kubernetesFolder, 'overlays', overlay)
}

/** Whom each cluster's programs speak to beside what is scraped: who, whom, port. Pods or `outside`. */
const flows: Readonly<Record<Overlay, readonly (readonly [string, string, number])[]>> = {
  primary: [
    ['nats', 'nats', 6222],
    ['nats-exporter', 'nats', 8222],
    ['outside', 'promline', 9201],
    ['promline', 'prometheus', 9090],
    ['grafana', 'prometheus', 9090],
    ['prometheus', 'alertmanager', 9093],
    ['alertmanager', 'outside', 443],
    ['data-processing', 'pushgateway', 9091],
    ['etl-pipeline', 'pushgateway', 9091],
    ['report-generation', 'pushgateway', 9091],
    ['prometheus', 'outside', 6443],
    ['kube-state-metrics', 'outside', 6443],
  ],
  'another-cluster': [
    ['nats', 'nats', 6222],
    ['nats-exporter', 'nats', 8222],
    ['promline-agent', 'outside', 9201],
  ],
}

/** What must not get through: there is no reason for it. */
export const forbidden: Readonly<Record<Overlay, readonly (readonly [string, string, number])[]>> = {
  primary: [
    ['outside', 'prometheus', 9090],
    ['outside', 'pushgateway', 9091],
    ['outside', 'grafana', 3000],
    ['outside', 'nats', 4222],
    ['usdt-exporter', 'prometheus', 9090],
    ['usdt-exporter', 'outside', 443],
    ['data-processing', 'prometheus', 9090],
    ['grafana', 'alertmanager', 9093],
    ['grafana', 'outside', 443],
    ['pushgateway', 'outside', 443],
    ['nats-exporter', 'nats', 4222],
    ['promline', 'outside', 443],
  ],
  'another-cluster': [
    ['outside', 'nats', 4222],
    ['outside', 'promline-agent', 8889],
    ['nats-exporter', 'outside', 9201],
    ['promline-agent', 'nats', 8222],
  ],
}

export function edgesOf(overlay: Overlay, objects: readonly KubernetesObject[]): readonly Edge[] {
  const scraped = overlay === 'primary' ? discoveredTargets(objects) : staticTargets(objects)
  return [...flows[overlay].map((flow) => edgeOf(flow, objects)), ...scraped]
}

/** An edge from the names of workloads. Throws where there is none of a name. */
export function edgeOf([from, to, port]: readonly [string, string, number], objects: readonly KubernetesObject[]): Edge {
  return { from: endOf(from, objects), to: endOf(to, objects), port }
}

function endOf(name: string, objects: readonly KubernetesObject[]): Workload | 'outside' {
  if (name === 'outside') return name
  const found = workloadsOf(objects).find(({ object }) => object.name === name)
  if (found === undefined) throw new Error(`there is no workload ${name}`)
  return found
}

/** The jobs of the central Prometheus: which Service and port each keeps of those that discovery finds. */
export function discoveryOf(config: unknown): readonly { readonly job: string; readonly service: string; readonly port: string }[] {
  return jsonListAt(config, 'scrape_configs').flatMap((job) => {
    const rules = jsonListAt(job, 'relabel_configs').filter((rule) => textAt(rule, 'action') === 'keep')
    return rules.map((rule) => {
      const [service = '', port = ''] = textAt(rule, 'regex').split(';')
      return { job: textAt(job, 'job_name'), service, port }
    })
  })
}

/** Every job of prometheus.yml finds pods of one Service by one named port. Throws where it does not. */
function discoveredTargets(objects: readonly KubernetesObject[]): readonly Edge[] {
  const config: unknown = parse(readFileSync(join(kubernetesFolder, 'base/centre/prometheus.yml'), 'utf8'), { merge: true })
  return discoveryOf(config).map(({ job, service, port }) => {
    const found = objects.find(({ kind, name }) => kind === 'Service' && name === service)
    const served = jsonListAt(found?.value, 'spec', 'ports').find((one) => textAt(one, 'name') === port)
    const to = found === undefined ? undefined : podsOfService(found, objects)[0]
    if (to === undefined || served === undefined) throw new Error(`job ${job}: there is no Service ${service} with a port ${port}`)
    return { from: endOf('prometheus', objects), to, port: Number(textAt(served, 'port')) }
  })
}

/** The targets of agent.yml beyond the agent itself are SERVICE:PORT. */
function staticTargets(objects: readonly KubernetesObject[]): readonly Edge[] {
  const text = readFileSync(join(kubernetesFolder, 'base/agent/agent.yml'), 'utf8')
  const targets = jsonListAt(parse(text), 'scrape_configs')
    .flatMap((job) => jsonListAt(job, 'static_configs'))
    .flatMap((group) => jsonListAt(group, 'targets').map(String))
  return targets
    .filter((target) => !target.startsWith('127.0.0.1:'))
    .map((target) => {
      const [service = '', port = ''] = target.split(':')
      return edgeOf(['promline-agent', service, Number(port)], objects)
    })
}
