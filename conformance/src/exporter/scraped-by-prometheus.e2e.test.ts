import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compareCodePoints, encodeUtf8, parseTextFamilies } from '@promline/core'
import { createExporter } from '@promline/exporter-kit'
import { jsonAt, jsonListAt, jsonTextsAt, queryPrometheus, startPrometheus, waitFor } from '@promline/servers'
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client'
import { expect, test } from 'vitest'
import { describeWithServers } from '../servers/describe-with-servers.js'

/** One metric of each type, with all that has to be escaped. */
function registryOfAllTypes(): Registry {
  const registry = new Registry()
  const registers = [registry]
  new Counter({ name: 'jobs_total', help: 'Jobs "done" \\ so far.\nAll.', labelNames: ['kind'], registers }).inc(
    { kind: 'a "b" \\ c\nd' },
    2e6,
  )
  // OpenMetrics has no counter of such a name.
  new Counter({ name: 'restarts', help: 'Restarts.', registers }).inc(3)
  new Gauge({ name: 'temperature_celsius', help: 'Outside.', registers }).set(-1.5)
  new Gauge({ name: 'limit_bytes', help: 'None.', registers }).set(Number.POSITIVE_INFINITY)
  new Histogram({ name: 'request_seconds', help: 'Requests.', labelNames: ['path'], buckets: [0.1, 1], registers }).observe(
    { path: '/' },
    0.5,
  )
  new Summary({ name: 'size_bytes', help: 'Sizes.', percentiles: [0.5], registers }).observe(100)
  return registry
}

/** Series with `le` and `quantile` as Prometheus names them, and their values. */
function shownBy(page: string): Map<string, number> {
  const families = parseTextFamilies(encodeUtf8(page), { mode: 'prometheus' })
  return new Map(families.flatMap(({ samples }) => samples.map(({ labels, value }) => [keyOf(labels.toObject()), value] as const)))
}

function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(
    Object.entries(labels)
      .filter(([name]) => name !== 'job' && name !== 'instance')
      .sort(([a], [b]) => compareCodePoints(a, b)),
  )
}

const testdata = fileURLToPath(new URL('../../../packages/core/src/http/testdata/', import.meta.url))

describeWithServers('an exporter that a real Prometheus scrapes', ['prometheus'], () => {
  test('shows every series and type in OpenMetrics, over TLS and behind the login of a web.config file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'promline-'))
    const file = join(folder, 'web.yml')
    // The password is "secret".
    const users = 'basic_auth_users: { prometheus: "$2b$04$gBn8/9BBO9qS.pl1MF2ZGuvqvNeGHqNcfgcmP.wPWt.MatfXeBYly" }\n'
    await writeFile(file, `tls_server_config: { cert_file: ${testdata}server.pem, key_file: ${testdata}server.key }\n${users}`)
    const registry = registryOfAllTypes()
    await using exporter = await createExporter({ listen: '127.0.0.1:0', registry, webConfigFile: file })
    const target = exporter.url.replace('https://', '')
    const config = `global: { scrape_interval: 1s }
scrape_configs:
  - { job_name: app, scheme: https, tls_config: { ca_file: ${testdata}ca.pem }, basic_auth: { username: prometheus, password: secret }, static_configs: [{ targets: ['${target}'] }] }
`
    const prometheus = await startPrometheus({ config })
    try {
      const { url } = prometheus
      await waitFor('scrape', async () => (await queryPrometheus({ url, query: 'up == 1' })).length === 1)
      const scraped = await queryPrometheus({ url, query: '{job="app",__name__!~"up|scrape_.*"}' })
      const values = new Map(scraped.map(({ labels, samples }) => [keyOf(labels), Number(samples[0]!.value.replace('Inf', 'Infinity'))]))
      expect(values).toEqual(shownBy(await registry.metrics()))
      const metadata: unknown = await (await fetch(`${url}/api/v1/metadata`)).json()
      const typeOf = (family: string): unknown => jsonListAt(metadata, 'data', family).map((one) => jsonAt(one, 'type'))
      const types = ['jobs', 'restarts', 'temperature_celsius', 'limit_bytes', 'request_seconds', 'size_bytes'].map(typeOf)
      expect(types).toEqual([['counter'], ['unknown'], ['gauge'], ['gauge'], ['histogram'], ['summary']])
    } finally {
      await prometheus.stop()
      await rm(folder, { recursive: true })
    }
  })

  test('answers with 503 before the scrape is given up, where a metric hangs', async () => {
    const registry = { contentType: Registry.PROMETHEUS_CONTENT_TYPE, metrics: () => new Promise<string>(() => {}) }
    await using exporter = await createExporter({ listen: '127.0.0.1:0', registry })
    const prometheus = await startPrometheus({
      config: `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs: [{ job_name: app, static_configs: [{ targets: ['${exporter.url.replace('http://', '')}'] }] }]
`,
    })
    try {
      const lastError = async (): Promise<string> => {
        const targets: unknown = await (await fetch(`${prometheus.url}/api/v1/targets`)).json()
        return jsonTextsAt(targets, 'data', 'activeTargets', 0)['lastError'] ?? ''
      }
      await waitFor('failed scrape', async () => (await lastError()) !== '')
      expect(await lastError()).toBe('server returned HTTP status 503 Service Unavailable')
    } finally {
      await prometheus.stop()
    }
  })
})
