import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { jsonAt, jsonListAt } from '@promline/servers'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { checkObjects } from './checks/check-objects.js'
import { refusalOf } from './checks/network.js'
import { textAt, workloadsOf } from './kubernetes-object.js'
import { edgeOf, edgesOf, forbidden, overlayFolder, overlays } from './overlays.js'
import { kubernetesFolder } from './places.js'
import { readKustomization } from './read-kustomization.js'

/** What `kubectl apply` without --server-side can keep of an object in its annotation. */
const largestAnnotation = 262_144

describe.each(overlays)('overlays/%s', (overlay) => {
  const objects = readKustomization(overlayFolder(overlay))

  test('has no fault', () => {
    expect(checkObjects(objects)).toEqual([])
  })

  test('lets through what is scraped, written and asked', () => {
    expect(edgesOf(overlay, objects).flatMap((edge) => refusalOf(edge, objects) ?? [])).toEqual([])
  })

  test.each(forbidden[overlay])('does not let %s speak to %s:%d', (...flow) => {
    expect(refusalOf(edgeOf(flow, objects), objects)).toMatch(/no policy of .* lets it/)
  })

  test('has every object once', () => {
    const titles = objects.map(({ namespace, title }) => `${namespace} ${title}`)
    expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([])
  })

  test('marks every secret as an example', () => {
    const secrets = objects.filter(({ kind }) => kind === 'Secret')
    expect(secrets.length).toBeGreaterThan(0)
    for (const { value, name } of secrets) {
      expect(jsonAt(value, 'metadata', 'annotations', 'promline.example/example-only'), name).toBe('true')
    }
  })

  test('has no object that is too large for kubectl apply', () => {
    const large = objects.filter(({ value }) => JSON.stringify(value).length > largestAnnotation)
    expect(large.map(({ title }) => title)).toEqual([])
  })
})

test('the images of the manifests have no tags, and components/images has one for each', () => {
  const objects = overlays.flatMap((overlay) => readKustomization(overlayFolder(overlay)))
  const used = new Set(workloadsOf(objects).flatMap(({ containers }) => containers.map((container) => textAt(container, 'image'))))
  const component: unknown = parse(readFileSync(join(kubernetesFolder, 'components/images/kustomization.yaml'), 'utf8'))
  const images = jsonListAt(component, 'images')
  expect(images.map((image) => textAt(image, 'name')).sort()).toEqual([...used].sort())
  for (const image of images) expect(textAt(image, 'newTag'), textAt(image, 'name')).toMatch(/^v?\d+\.\d+\.\d+/)
})

test('the numbers of shards and of agents are the same, in the base as well', () => {
  const agents = workloadsOf(readKustomization(overlayFolder('another-cluster'))).find(({ object }) => object.name === 'promline-agent')
  const variable = jsonListAt(agents?.containers[0], 'env').find((one) => textAt(one, 'name') === 'SHARDS')
  expect(textAt(variable, 'value')).toBe(textAt(agents?.object.value, 'spec', 'replicas'))
})

test.each(['service-monitors', 'pod-monitor'])('components/%s fits its cluster', (component) => {
  const overlay = component === 'pod-monitor' ? 'another-cluster' : 'primary'
  const monitors = readKustomization(join(kubernetesFolder, 'components', component))
  expect(monitors.length).toBeGreaterThan(0)
  expect(checkObjects([...readKustomization(overlayFolder(overlay)), ...monitors])).toEqual([])
})
