import { describe, expect, test } from 'vitest'
import { readObjects } from './kubernetes-object.js'
import { schemaErrors } from './schema.js'

const deployment = (container: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: a, labels: { any: thing }, annotations: { x.example/y: z } }
spec:
  selector: { matchLabels: { any: thing } }
  template:
    metadata: { labels: { any: thing } }
    spec: { containers: [{ name: one, ${container} }] }
`

function errorsOf(text: string): readonly string[] {
  return readObjects(text).flatMap(schemaErrors)
}

describe('schemaErrors()', () => {
  test.each([
    'image: x',
    'image: x, ports: [{ name: http, containerPort: 80 }], resources: { limits: { cpu: 1, memory: 1Gi } }',
    'image: x, livenessProbe: { httpGet: { path: /, port: http } }',
    'image: x, livenessProbe: { httpGet: { path: /, port: 80 } }',
  ])('takes a container of %s', (container) => {
    expect(errorsOf(deployment(container))).toEqual([])
  })

  test.each([
    ['image: 1', 'Deployment/a: data/spec/template/spec/containers/0/image must be string'],
    [
      'image: x, ports: [{ containerPort: http }]',
      'Deployment/a: data/spec/template/spec/containers/0/ports/0/containerPort must be integer',
    ],
    ['image: x, livenesProbe: {}', 'Deployment/a: /spec/template/spec/containers/0/livenesProbe is no field of this kind'],
    [
      'image: x, securityContext: { runAsNonroot: true }',
      'Deployment/a: /spec/template/spec/containers/0/securityContext/runAsNonroot is no field of this kind',
    ],
  ])('refuses a container of %s', (container, message) => {
    expect(errorsOf(deployment(container))).toEqual([message])
  })

  test('refuses a port of a ServiceMonitor that is no name', () => {
    const text = `
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: { name: a }
spec: { selector: {}, endpoints: [{ port: 3 }] }`
    expect(errorsOf(text)).toEqual(['ServiceMonitor/a: data/spec/endpoints/0/port must be string'])
  })

  test('refuses a kind of which there is no schema', () => {
    expect(errorsOf('{ apiVersion: v2, kind: Service, metadata: { name: a } }')).toEqual(['Service/a: there is no schema of v2/Service'])
  })
})
