import { readFile } from 'node:fs/promises'
import { createLabels } from '@promline/core'
import { encodeWriteRequest, snappyCodec } from '@promline/remote-write'
import { queryPrometheus, waitFor } from '@promline/servers'
import { describeWithServers } from '@promline/servers/testing'
import { expect, test } from 'vitest'
import { demoServers } from '../demo/missing-servers.js'
import { activeAlerts } from '../testing/alerts.js'
import { useFederation } from '../testing/running-federation.js'

/** The longest takes 16 minutes, which are 48 s at this pace. */
const timeoutMs = 90_000

// That of a NATS server that is down, and of a batch job that fails, are in federation.e2e.test.ts.
describeWithServers('alerts of the running demo', demoServers, () => {
  const running = useFederation()

  async function untilAlert(labels: Readonly<Record<string, string>>, is: 'active' | 'gone'): Promise<void> {
    const { alertmanager } = running.federation.urls
    const matches = (alert: Readonly<Record<string, string>>) => Object.entries(labels).every(([name, value]) => alert[name] === value)
    const done = async () => (await activeAlerts(alertmanager)).some(matches) === (is === 'active')
    await waitFor(`${JSON.stringify(labels)} ${is}`, done, { timeoutMs })
  }

  /** Writes a sample as another-cluster. */
  async function write({ value, timestampMs }: { readonly value: number; readonly timestampMs: number }): Promise<void> {
    const { urls, passwordFiles } = running.federation
    const credentials = `another-cluster:${await readFile(passwordFiles['another-cluster'], 'utf8')}`
    const labels = createLabels({ __name__: 'written_twice' })
    const series = { labels, samples: [{ value, stale: false, timestampMs }], exemplars: [], histograms: [] }
    const { bytes } = encodeWriteRequest({ series: [series], metadata: [] })
    const headers = {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
    }
    const { status } = await fetch(urls.receiver, { method: 'POST', headers, body: snappyCodec.compress(bytes) })
    expect(status).toBe(204)
  }

  test('none fires while all is well', async () => {
    const { prometheus } = running.federation.urls
    const known = () => queryPrometheus({ url: prometheus, query: 'cluster:last_sample:timestamp_seconds' })
    await waitFor('both clusters to be known', async () => (await known()).length === 2)
    expect(running.federation.alerts).toEqual([])
  })

  test('ClusterSilent, while the link to a cluster is cut', async () => {
    const silent = { alertname: 'ClusterSilent', cluster: 'another-cluster', environment: 'demo', severity: 'critical' }
    running.federation.link.cut()
    await untilAlert(silent, 'active')
    running.federation.link.open()
    await untilAlert(silent, 'gone')
  })

  test('ReceiverRefusing, while someone without a credential tries to write', async () => {
    const refusing = { alertname: 'ReceiverRefusing', client: 'unknown', code: '401', severity: 'warning' }
    const trying = setInterval(() => void fetch(running.federation.urls.receiver, { method: 'POST' }).catch(() => {}), 500)
    try {
      await untilAlert(refusing, 'active')
    } finally {
      clearInterval(trying)
    }
    await untilAlert(refusing, 'gone')
  })

  test('SamplesLost, of the first sample that Prometheus ever refused', async () => {
    const lost = { alertname: 'SamplesLost', lost: 'rejected', sink: 'prometheus', severity: 'warning' }
    const { prometheus } = running.federation.urls
    const timestampMs = Date.now()
    await write({ value: 1, timestampMs })
    const first = () => queryPrometheus({ url: prometheus, query: 'written_twice' })
    await waitFor('the first value', async () => (await first()).length === 1)
    // Another value of that time is refused.
    await write({ value: 2, timestampMs })
    await untilAlert(lost, 'active')
    await untilAlert(lost, 'gone')
  })

  test('BatchJobLate, while the Pushgateway is down', async () => {
    const late = { alertname: 'BatchJobLate', job: 'etl_pipeline', severity: 'warning' }
    const { pushgateway } = running.federation.programs
    await pushgateway.stop()
    await untilAlert(late, 'active')
    await pushgateway.start()
    await untilAlert(late, 'gone')
  })
})
