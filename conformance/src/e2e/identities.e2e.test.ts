import { fileURLToPath } from 'node:url'
import { samplesOf, Secret } from '@promline/core'
import { createRemoteWriteSource, type RemoteWriteClient } from '@promline/remote-write'
import { freePort, startPrometheus, waitFor } from '@promline/servers'
import { expect, test } from 'vitest'
import { describeWithServers } from '../servers/describe-with-servers.js'
import { afterTest, started } from './scope.js'

const pathOf = (name: string): string => fileURLToPath(new URL(`../../../packages/core/src/http/testdata/${name}`, import.meta.url))

const clients: readonly RemoteWriteClient[] = [
  {
    name: 'nats-primary',
    // Of `secret`.
    credentials: [
      { kind: 'basic', username: 'primary', passwordHash: new Secret('$2b$10$IsqMa5Eozd.36uviuYqT9uY5MPtNY2x6K5cHyX4l.awiifXG6Ci/e') },
    ],
    enforcedLabels: { cluster: 'nats-primary', environment: 'production' },
  },
  {
    name: 'another-cluster',
    credentials: [{ kind: 'bearer', name: 'another-cluster', token: new Secret('t0ken') }],
    enforcedLabels: { cluster: 'another-cluster', environment: 'demo' },
  },
]

describeWithServers('a receiver with clients, and real Prometheus servers', ['prometheus'], () => {
  test('stores what each sends under its own name, whatever it says, over TLS both ways', async () => {
    const stored = new Map<string, Set<string>>()
    const receiver = createRemoteWriteSource({
      name: 'centre',
      listen: `127.0.0.1:${await freePort()}`,
      clients,
      tls: {
        certFile: pathOf('server.pem'),
        keyFile: pathOf('server.key'),
        clientCaFile: pathOf('ca.pem'),
        clientAuth: 'require-and-verify',
      },
    })
    const stop = new AbortController()
    const running = receiver.run(
      async (batch) => {
        const sets = stored.get(batch.origin.id) ?? new Set()
        stored.set(batch.origin.id, sets)
        for (const { labels } of samplesOf(batch)) sets.add(['cluster', 'environment', 'job'].map((name) => labels.get(name)).join(' '))
        return { status: 'delivered' }
      },
      { signal: stop.signal },
    )
    afterTest(() => {
      stop.abort()
      return running
    })
    const url = await receiver.listening
    await startSender({ url, cluster: 'another-cluster', login: 'basic_auth: { username: primary, password: secret }' })
    await startSender({ url, cluster: 'nats-primary', login: 'authorization: { credentials: t0ken }' })
    await startSender({ url, cluster: 'stranger', login: 'authorization: { credentials: guess }' })
    await waitFor('samples of both clusters', () => stored.size === clients.length)
    expect(Object.fromEntries(stored)).toEqual({
      'nats-primary': new Set(['nats-primary production self']),
      'another-cluster': new Set(['another-cluster demo self']),
    })
  })
})

/** A Prometheus that scrapes itself, and says in its external labels that it were `cluster`. */
async function startSender({ url, cluster, login }: { url: string; cluster: string; login: string }): Promise<void> {
  const port = await freePort()
  await started(
    startPrometheus({
      port,
      config: `global: { scrape_interval: 1s, external_labels: { cluster: ${cluster} } }
scrape_configs: [{ job_name: self, static_configs: [{ targets: ['127.0.0.1:${port}'] }] }]
remote_write:
  - url: ${url}
    ${login}
    tls_config: { ca_file: ${pathOf('ca.pem')}, cert_file: ${pathOf('client.pem')}, key_file: ${pathOf('client.key')} }
    queue_config: { batch_send_deadline: 200ms }
`,
    }),
  )
}
