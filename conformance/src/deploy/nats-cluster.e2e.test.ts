import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePorts, jsonAt, jsonListAt, serverPath, waitFor } from '@promline/servers'
import { expect, test } from 'vitest'
import { Program } from '../e2e/program.js'
import { temporaryFolder } from '../e2e/scope.js'
import { describeWithServers } from '../servers/describe-with-servers.js'
import { textAt, workloadsOf } from './kubernetes-object.js'
import { overlayFolder } from './overlays.js'
import { kubernetesFolder } from './places.js'
import { readKustomization } from './read-kustomization.js'

const names = ['nats-0', 'nats-1', 'nats-2']

/** The paths of the probes, and the command before a stop, as nats.yaml has them. */
const container = workloadsOf(readKustomization(overlayFolder('primary'))).find(({ object }) => object.name === 'nats')?.containers[0]
const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'].map((probe) => textAt(container, probe, 'httpGet', 'path'))
const [, beforeStop = ''] = jsonListAt(container, 'lifecycle', 'preStop', 'exec', 'command').map(String)

describeWithServers('nats.conf of Kubernetes', ['nats-server'], () => {
  test('makes one cluster of three servers, which the probes find healthy, and which leave it as asked', async () => {
    const folder = await temporaryFolder()
    const config = await readFile(join(kubernetesFolder, 'base/cluster/nats.conf'), 'utf8')
    const routePorts = await freePorts(names.length)
    const routes = Object.fromEntries(routePorts.map((port, i) => [`ROUTE_${i}`, `nats://route:route-password@127.0.0.1:${port}`]))
    const servers = await Promise.all(
      names.map(async (name, i) => {
        const [client, monitor] = await freePorts(2)
        const file = join(folder, `${name}.conf`)
        const places: readonly (readonly [string, string])[] = [
          ['port: 4222', `port: ${client}`],
          ['http_port: 8222', `http_port: ${monitor}`],
          ['port: 6222', `port: ${routePorts[i]}`],
          ['/run/nats/nats.pid', join(folder, `${name}.pid`)],
          ['/data/jetstream', join(folder, name)],
        ]
        await writeFile(
          file,
          places.reduce((text, [there, here]) => text.replace(there, here), config),
        )
        const secrets = { NATS_USER: 'user', NATS_PASSWORD: 'password', ROUTE_USER: 'route', ROUTE_PASSWORD: 'route-password' }
        const env = { ...process.env, ...routes, ...secrets, POD_NAME: name, CLUSTER_NAME: 'nats-primary' }
        return { name, monitor, program: new Program({ program: serverPath('nats-server'), args: ['--config', file], env }) }
      }),
    )

    for (const { name, monitor } of servers) {
      for (const probe of probes) {
        await waitFor(`${name} ${probe}`, async () => (await fetch(`http://127.0.0.1:${monitor}${probe}`)).ok)
      }
      const cluster = await waitFor(`the cluster of ${name}`, async () => {
        const page: unknown = await (await fetch(`http://127.0.0.1:${monitor}/jsz`)).json()
        return textAt(page, 'meta_cluster', 'leader') !== '' && jsonAt(page, 'meta_cluster')
      })
      expect(cluster).toMatchObject({ name: 'nats-primary', cluster_size: names.length })
      expect(names).toContain(textAt(cluster, 'leader'))
    }

    const [first] = servers
    const signal = beforeStop.replace('/run/nats/nats.pid', join(folder, 'nats-0.pid'))
    const { status } = await new Program({ program: serverPath('nats-server'), args: [signal] }).exited
    expect(status).toBe(0)
    await first?.program.printed(/[Ll]ame duck/)
  })
})
