import { createExporter, createStreamingServerMetrics, streamingServerGauges } from '@promline/exporter-kit'
import { queryPrometheus, startPrometheus, waitFor } from '@promline/servers'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { describeWithServers } from '../servers/describe-with-servers.js'

describeWithServers('the exporter and a real Prometheus', ['prometheus'], () => {
  test('every gauge is scraped with the value that was shown', async () => {
    const registry = new Registry()
    let nowMs = 0
    createStreamingServerMetrics({ registry, seed: 1, clock: { monotonicMs: () => nowMs } })
    nowMs = 60_000
    await using exporter = await createExporter({ listen: '127.0.0.1:0', registry })
    const target = exporter.url.replace('http://', '')
    const prometheus = await startPrometheus({
      config: `global: { scrape_interval: 1s }
scrape_configs: [{ job_name: otel-exporter, static_configs: [{ targets: ['${target}'] }] }]
`,
    })
    try {
      const { url } = prometheus
      await waitFor('scrape', async () => (await queryPrometheus({ url, query: 'up == 1' })).length === 1)
      const scraped = await queryPrometheus({ url, query: `{job="otel-exporter",__name__!~"up|scrape_.*"}` })
      const shown = new Map((await registry.metrics()).split('\n').map((line) => [line.split(' ')[0], line.split(' ')[1]]))
      expect(new Set(scraped.map(({ labels }) => labels['__name__']))).toEqual(new Set(streamingServerGauges.map(({ name }) => name)))
      for (const { labels, samples } of scraped) {
        expect(Number(samples[0]!.value), labels['__name__']).toBe(Number(shown.get(labels['__name__'])))
      }
    } finally {
      await prometheus.stop()
    }
  })
})
