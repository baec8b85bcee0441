import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jsonListAt, jsonTextsAt } from '@promline/servers'
import { expect, onTestFinished, test } from 'vitest'
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

test('compose/make-secrets.sh makes every secret that compose.yaml mounts, and keeps what is there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'promline-secrets-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  cpSync(join(deployFolder, 'compose'), join(folder, 'compose'), { recursive: true })
  const make = (): Readonly<Record<string, string>> => {
    execFileSync('sh', [join(folder, 'compose/make-secrets.sh')])
    const names = readdirSync(join(folder, 'secrets'))
    return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, 'secrets', name), 'utf8')]))
  }
  const secrets = make()
  const file: unknown = parse(readFileSync(join(deployFolder, 'compose.yaml'), 'utf8'), { merge: true })
  expect(Object.keys(secrets).sort()).toEqual(Object.keys(jsonTextsAt(file, 'secrets')).sort())
  expect(new Set(Object.values(secrets)).size).toBe(4)
  for (const secret of Object.values(secrets)) expect(secret).toMatch(/^[A-Za-z0-9]{20,32}$/)
  expect(readFileSync(join(folder, '.env'), 'utf8')).toBe(`PROMLINE_CONSOLE_PASSWORD=${secrets['console']}\n`)
  expect(make()).toEqual(secrets)
})
