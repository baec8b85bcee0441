import { jsonAt, jsonListAt, jsonTextsAt } from '@promline/servers'
import { parseAllDocuments } from 'yaml'

/** One object of a manifest. `value` is as it was read: a schema says whether it is what its kind has (schema.ts). */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  /** '' for what has no namespace. */
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: unknown
  /** For messages: `Deployment/grafana`. */
  readonly title: string
}

/** What makes pods, and the pods as it makes them. */
export interface Workload {
  readonly object: KubernetesObject
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  /** The spec of its pods. */
  readonly pod: unknown
  /** Init containers first. */
  readonly containers: readonly unknown[]
  /** Number by name of the ports of its containers. */
  readonly ports: ReadonlyMap<string, number>
}

/** Where the template of pods lies, by kind. */
const templates: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
}

/** Reads a file of one or more objects. Throws where it is no YAML. */
export function readObjects(text: string): readonly KubernetesObject[] {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0]
    return objectOf(document.toJS())
  })
}

/** An object with its name and place. */
export function objectOf(value: unknown): KubernetesObject {
  const kind = textAt(value, 'kind')
  const name = textAt(value, 'metadata', 'name')
  return {
    apiVersion: textAt(value, 'apiVersion'),
    kind,
    name,
    namespace: textAt(value, 'metadata', 'namespace'),
    labels: jsonTextsAt(value, 'metadata', 'labels'),
    value,
    title: `${kind}/${name}`,
  }
}

/** The text at a path; '' where there is none. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = jsonAt(value, ...path)
  return typeof found === 'string' || typeof found === 'number' ? String(found) : ''
}

export function workloadsOf(objects: readonly KubernetesObject[]): readonly Workload[] {
  return objects.flatMap((object) => {
    const path = templates[object.kind]
    if (path === undefined) return []
    const template = jsonAt(object.value, ...path)
    const containers = [...jsonListAt(template, 'spec', 'initContainers'), ...jsonListAt(template, 'spec', 'containers')]
    const ports = containers.flatMap((container) => jsonListAt(container, 'ports'))
    return {
      object,
      namespace: object.namespace,
      labels: jsonTextsAt(template, 'metadata', 'labels'),
      pod: jsonAt(template, 'spec'),
      containers,
      ports: new Map(ports.map((port) => [textAt(port, 'name'), Number(jsonAt(port, 'containerPort'))])),
    }
  })
}

/** Whether a label selector (matchLabels, matchExpressions) selects these labels; an empty one selects everything. */
export function selects(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  const equal = Object.entries(jsonTextsAt(selector, 'matchLabels')).every(([name, value]) => labels[name] === value)
  return equal && jsonListAt(selector, 'matchExpressions').every((expression) => holds(expression, labels))
}

function holds(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[textAt(expression, 'key')]
  const isListed = value !== undefined && jsonListAt(expression, 'values').includes(value)
  switch (textAt(expression, 'operator')) {
    case 'In':
      return isListed
    case 'NotIn':
      return !isListed
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      throw new Error(`a selector with operator ${JSON.stringify(textAt(expression, 'operator'))}`)
  }
}
