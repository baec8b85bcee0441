import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePorts, queryPrometheus, startPrometheus, waitFor } from '@promline/servers'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { Program } from '../e2e/program.js'
import { started, temporaryFolder } from '../e2e/scope.js'
import { repository } from '../programs/child-program.js'
import { describeWithServers } from '../servers/describe-with-servers.js'
import { federationFolder, kubernetesFolder } from './places.js'

const run = promisify(execFile)
const main = join(federationFolder, 'dist/main.js')

/** The value of a name in one of the overlays' files of secrets. */
async function secret(file: string, name: string): Promise<string> {
  const lines = (await readFile(join(kubernetesFolder, 'overlays', file), 'utf8')).split('\n')
  const line = lines.find((one) => one.startsWith(`${name}=`)) ?? ''
  return line.slice(name.length + 1)
}

/** A file of the manifests with the places of this machine in it. Throws where one of them is not in the file. */
async function moved(file: string, places: Readonly<Record<string, string>>): Promise<string> {
  let text = await readFile(join(kubernetesFolder, file), 'utf8')
  for (const [there, here] of Object.entries(places)) {
    if (!text.includes(there)) throw new Error(`${file} has no ${there}`)
    text = text.replaceAll(there, here)
  }
  parse(text)
  return text
}

/** The certificate of the receiver, by the commands of the production checklist. */
async function makeCertificate(folder: string): Promise<void> {
  const checklist = await readFile(join(repository, 'docs/federation/production-checklist.md'), 'utf8')
  const commands = /## Certificates[\s\S]*?```sh\n([\s\S]*?)```/.exec(checklist)?.[1]
  if (commands === undefined) throw new Error('the production checklist has no commands for certificates')
  await mkdir(folder)
  await run('bash', ['-ec', `${commands}\nmv centre.crt tls.crt\nmv centre.key tls.key`], { cwd: folder })
}

describeWithServers('the configurations of Kubernetes, on this machine', ['prometheus'], () => {
  test('two agents share the targets of their cluster and write it, over TLS, as that cluster', async () => {
    const folder = await temporaryFolder()
    const prometheus = await started(startPrometheus({ remoteWriteReceiver: true }))
    const [receiver, page, ...statuses] = await freePorts(4)
    await makeCertificate(join(folder, 'tls'))
    await writeFile(join(folder, 'password'), await secret('another-cluster/example-secrets/centre.env', 'password'))

    const centreFile = join(folder, 'promline.yml')
    await writeFile(
      centreFile,
      await moved('base/centre/promline.yml', {
        '0.0.0.0:9201': `127.0.0.1:${receiver}`,
        '0.0.0.0:8888': `127.0.0.1:${page}`,
        '/etc/promline/tls': join(folder, 'tls'),
        '/etc/promline/console/password': join(folder, 'password'),
      }),
    )
    const hash = await secret('primary/example-secrets/receiver.env', 'another-cluster')
    const centre = new Program({
      args: [main, 'centre', '--config', centreFile, '--data', join(folder, 'centre')],
      env: { ...process.env, ANOTHER_CLUSTER_PASSWORD_HASH: hash, PROMETHEUS_URL: prometheus.remoteWriteUrl },
    })
    await waitFor('centre', async () => (await fetch(`http://127.0.0.1:${page}/-/ready`)).ok)

    const agents = await Promise.all(
      statuses.map(async (status, podIndex) => {
        const file = join(folder, `agent-${podIndex}.yml`)
        const places = {
          'nats-exporter:7777': prometheus.address,
          '127.0.0.1:8889': `127.0.0.1:${status}`,
          'scrape_interval: 15s': 'scrape_interval: 1s',
          '/etc/promline/credentials/password': join(folder, 'password'),
          'min_version: TLS12': `ca_file: ${join(folder, 'tls/ca.crt')}, server_name: centre.example.com`,
        }
        await writeFile(file, await moved('base/agent/agent.yml', places))
        const options = ['--config.file', file, '--storage.agent.path', join(folder, `agent-${podIndex}`)]
        return new Program({
          args: [main, 'agent', ...options, '--web.listen-address', `127.0.0.1:${status}`, '--scrape-at-once'],
          env: {
            ...process.env,
            POD_INDEX: `${podIndex}`,
            POD_NAME: `promline-agent-${podIndex}`,
            SHARDS: `${statuses.length}`,
            // What a cluster says of itself does not matter: its credential says who it is.
            CLUSTER_NAME: 'nats-primary',
            ENVIRONMENT: 'production',
            CENTRE_USERNAME: 'another-cluster',
            CENTRE_URL: `https://127.0.0.1:${receiver}/api/v1/write`,
          },
        })
      }),
    )

    const up = await waitFor('three targets', async () => {
      const series = await queryPrometheus({ url: prometheus.url, query: 'up == 1' })
      return series.length >= 3 && series
    })
    const names = up.map(({ labels }) => `${labels['job']} ${labels['instance']} ${labels['cluster']} ${labels['environment']}`)
    expect(names.sort()).toEqual([
      `nats-exporter ${prometheus.address} another-cluster demo`,
      'promline-agent promline-agent-0 another-cluster demo',
      'promline-agent promline-agent-1 another-cluster demo',
    ])
    for (const program of [...agents, centre]) expect((await program.stop()).status, program.output()).toBe(0)
  })
})
