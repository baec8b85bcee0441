import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { jsonListAt } from '@promline/servers'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { composeServices } from './compose-file.js'
import { textAt } from './kubernetes-object.js'
import { deployFolder, federationFolder, kubernetesFolder } from './places.js'

test('compose.yaml runs the versions that the manifests run', () => {
  const component: unknown = parse(readFileSync(join(kubernetesFolder, 'components/images/kustomization.yaml'), 'utf8'))
  const versions = new Map(jsonListAt(component, 'images').map((image) => [textAt(image, 'name'), textAt(image, 'newTag')]))
  const compared = composeServices().flatMap(({ image }) => {
    const [name = '', tag] = image.split(':')
    return versions.has(name) ? [{ name, tag, expected: versions.get(name) }] : []
  })
  expect(compared.length).toBeGreaterThan(5)
  for (const { name, tag, expected } of compared) expect(tag, name).toBe(expected)
})

test('the Prometheus of compose.yaml has the jobs of the local demo', () => {
  const jobsOf = (file: string): readonly string[] => {
    const config: unknown = parse(readFileSync(file, 'utf8'))
    return jsonListAt(config, 'scrape_configs').map((job) => textAt(job, 'job_name'))
  }
  expect(jobsOf(join(deployFolder, 'compose/prometheus.yml'))).toEqual(jobsOf(join(federationFolder, 'config/prometheus.yml')))
})
