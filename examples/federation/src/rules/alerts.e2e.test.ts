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

  test('BatchJobLate, while the Pushgateway is down', async () => {
    const late = { alertname: 'BatchJobLate', job: 'etl_pipeline', severity: 'warning' }
    const { pushgateway } = running.federation.programs
    await pushgateway.stop()
    await untilAlert(late, 'active')
    await pushgateway.start()
    await untilAlert(late, 'gone')
  })
})
