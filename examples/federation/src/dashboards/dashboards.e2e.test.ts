import { queryPrometheus, waitFor } from '@promline/servers'
import { describeWithServers } from '@promline/servers/testing'
import { describe, expect, test } from 'vitest'
import { demoServers } from '../demo/missing-servers.js'
import { dashboardQueries, withVariables } from '../rules/dashboard-queries.js'
import { knownMetrics } from '../rules/known-metrics.js'
import { useFederation } from '../testing/running-federation.js'

/** Queries that return nothing on the demo, and why. */
function emptyReason({ where, expr }: { readonly where: string; readonly expr: string }): string | undefined {
  if (/\bkube_/.test(expr)) return 'there is no Kubernetes here, and so no kube-state-metrics'
  if (where.endsWith(': Alerts') && expr.startsWith('ALERTS')) return 'no alert fires while all is well'
  return undefined
}

/** Metrics that are not there before something goes wrong. */
const afterTheFirst: readonly string[] = ['promline_dropped_samples_total', 'promline_rejected_samples_total']

const queries = dashboardQueries().map((query) => ({ ...query, expr: withVariables(query.expr), reason: emptyReason(query) }))

describeWithServers('every query of the dashboards, on the running demo', demoServers, () => {
  const running = useFederation()
  const samplesOf = (query: string) => queryPrometheus({ url: running.federation.urls.prometheus, query })

  describe('returns data', () => {
    test.each(queries.filter(({ reason }) => reason === undefined))('$where: $expr', async ({ where, expr }) => {
      const found = await waitFor(`data for ${where}`, async () => {
        const series = await samplesOf(expr)
        return series.length > 0 && series
      })
      // A ratio without a denominator would be drawn as nothing.
      expect(found.every(({ samples }) => samples.every(({ value }) => value !== 'NaN'))).toBe(true)
    })
  })

  describe('returns nothing, and no error', () => {
    test.each(queries.filter(({ reason }) => reason !== undefined))('$where ($reason): $expr', async ({ expr }) => {
      expect(await samplesOf(expr)).toEqual([])
    })
  })

  const { 'kube-state-metrics': _, prometheus: __, ...exposed } = knownMetrics

  test.each(Object.entries(exposed))('what is known of %s is exposed', async (_exposer, names) => {
    await waitFor(`all of ${names.join(', ')}`, async () => {
      const found = await Promise.all(names.map((name) => samplesOf(`count(${name})`)))
      return names.every((name, index) => found[index]!.length > 0 || afterTheFirst.includes(name))
    })
  })

  test('both clusters stand in the table of clusters', async () => {
    const table = queries.filter(({ where }) => where.startsWith('clusters: Clusters, '))
    expect(table.length).toBeGreaterThan(3)
    for (const { expr } of table) {
      // A rate is there after a second scrape, and that of the one cluster may be later than that of the other.
      const found = await waitFor(`both clusters in ${expr}`, async () => {
        const clusters = (await samplesOf(expr)).map(({ labels }) => labels['cluster'])
        return clusters.length > 1 && clusters
      })
      expect(found, expr).toEqual(['another-cluster', 'nats-primary'])
    }
  })
})
