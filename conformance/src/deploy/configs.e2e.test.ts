import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type ServerName, serverPath } from '@promline/servers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { describeWithServers } from '../servers/describe-with-servers.js'
import { deployFolder, federationFolder, kubernetesFolder } from './places.js'

const run = promisify(execFile)

/** What a server's own check of a configuration prints. Rejects where it finds a fault. */
async function check(server: ServerName, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout, stderr } = await run(serverPath(server), [...args], { env: { ...process.env, ...env } })
  return stdout + stderr
}

describeWithServers('the servers themselves take the configurations:', ['promtool', 'amtool', 'nats-server'], () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'promline-configs-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test.each(['kubernetes/base/centre/prometheus.yml', 'compose/prometheus.yml'])('%s', async (file) => {
    const place = join(folder, file.replaceAll('/', '-'))
    await mkdir(place)
    await cp(join(federationFolder, 'rules'), join(place, 'rules'), { recursive: true })
    await mkdir(join(place, 'console'))
    await writeFile(join(place, 'console/password'), 'x')
    await writeFile(join(place, 'prometheus.yml'), withoutDiscovery(await readFile(join(deployFolder, file), 'utf8'), place))
    const output = await check('promtool', ['check', 'config', join(place, 'prometheus.yml')])
    expect(output).toMatch(/2 rule files found/)
    expect(output).not.toMatch(/FAILED/)
  })

  test('alertmanager.yml', async () => {
    expect(await check('amtool', ['check-config', join(kubernetesFolder, 'base/centre/alertmanager.yml')])).toMatch(/SUCCESS/)
  })

  test('nats.conf', async () => {
    const routes = ['ROUTE_0', 'ROUTE_1', 'ROUTE_2'].map((name, i) => [name, `nats://route:secret@nats-${i}.nats-headless:6222`])
    const names = {
      POD_NAME: 'nats-0',
      CLUSTER_NAME: 'a',
      NATS_USER: 'u',
      NATS_PASSWORD: 'p',
      ROUTE_USER: 'route',
      ROUTE_PASSWORD: 'secret',
    }
    const env = { ...names, ...Object.fromEntries(routes) }
    // It wants to be able to write where JetStream keeps its files, which here is anywhere.
    const config = await readFile(join(kubernetesFolder, 'base/cluster/nats.conf'), 'utf8')
    await writeFile(join(folder, 'nats.conf'), config.replace('/data/jetstream', join(folder, 'jetstream')))
    expect(await check('nats-server', ['-t', '-c', join(folder, 'nats.conf')], env)).toMatch(/is valid/)
  })
})

/**
 * Debian's Prometheus is built without the client of Kubernetes and does not know its discovery (kubernetes.test.ts looks at what is found by
 * it). Absolute paths are those of the containers.
 */
function withoutDiscovery(text: string, place: string): string {
  const document = parseDocument(text.replaceAll(/\/etc\/prometheus|\/run\/secrets/g, place), { merge: true })
  const config: unknown = document.toJS()
  return JSON.stringify(config, (key, value: unknown) => (key === 'kubernetes_sd_configs' ? undefined : value))
}
