import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadConfig } from '@promline/core'
import { parsePipelineConfig } from '@promline/example-pipeline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { readConfigFile } from '../config/read-config-file.js'
import { type PaceName, paces } from './pace.js'
import { defaultPorts, takeFreePorts } from './ports.js'
import { type ConfigSettings, renderConfigs } from './render-configs.js'

const config = new URL('../../config/', import.meta.url).pathname

async function settings(pace: PaceName, ports: ConfigSettings['ports']): Promise<ConfigSettings> {
  const dataDir = await mkdtemp(join(tmpdir(), 'promline-configs-'))
  onTestFinished(() => rm(dataDir, { recursive: true }))
  return { dataDir, ports, pace: paces[pace], passwordFiles: { 'nats-primary': '/secrets/p', 'another-cluster': '/secrets/a' } }
}

describe('renderConfigs()', () => {
  it('writes a stock configuration for the agent, that loadConfig reads', async () => {
    const ports = await takeFreePorts()
    const { agentFile } = await renderConfigs(await settings('fast', ports))
    const { scrapeConfigs, remoteWrite, ignoredSections, global } = loadConfig(await readFile(agentFile, 'utf8'), { file: agentFile })
    expect(scrapeConfigs.map(({ jobName, scrapeIntervalMs }) => [jobName, scrapeIntervalMs])).toEqual([
      ['nats-exporter', 1_000],
      ['promline-agent', 1_000],
    ])
    expect(global.externalLabels.toObject()).toEqual({ cluster: 'another-cluster', environment: 'demo' })
    expect(remoteWrite.map(({ url, http }) => [url, http.basicAuth?.username])).toEqual([
      [`http://127.0.0.1:${ports.link}/api/v1/write`, 'another-cluster'],
    ])
    expect(ignoredSections).toEqual([])
  })

  it('writes a configuration for the centre, that the pipeline program reads', async () => {
    const ports = await takeFreePorts()
    const { centreFile } = await renderConfigs(await settings('demo', ports))
    const centre = parsePipelineConfig(await readFile(centreFile, 'utf8'), { file: centreFile, environment: {} })
    expect(centre.receiver?.listen).toBe(`127.0.0.1:${ports.receiver}`)
    expect(centre.remoteWrite.map(({ url, from }) => [url, from])).toEqual([
      [`http://127.0.0.1:${ports.prometheus}/api/v1/write`, 'receive'],
    ])
    expect(centre.scrapeConfigs.map(({ jobName }) => jobName)).toEqual(['nats-exporter'])
    expect(centre.console).toMatchObject({ listen: `127.0.0.1:${ports.page}`, clusters: { label: 'cluster' } })
  })

  it('gives Prometheus the jobs, labels and rules of the original', async () => {
    const given = await settings('fast', defaultPorts)
    const old = join(given.dataDir, 'config/rules/old.yml')
    await mkdir(dirname(old), { recursive: true })
    await writeFile(old, 'groups: []\n')
    const { prometheus } = await renderConfigs(given)
    const file: PrometheusFile = parse(prometheus)
    expect(Object.fromEntries(file.scrape_configs.map(({ job_name, static_configs }) => [job_name, static_configs[0]!.targets]))).toEqual({
      'nats-exporter': ['127.0.0.1:7777'],
      'usdt-exporter': ['127.0.0.1:5000'],
      pushgateway: ['127.0.0.1:9091'],
      promline: ['127.0.0.1:8888'],
      'node-exporter': ['127.0.0.1:9100'],
      prometheus: ['127.0.0.1:9090'],
      alertmanager: ['127.0.0.1:9093'],
    })
    expect(file.global.scrape_interval).toBe('1s')
    const folder = file.rule_files[0]!.replace('/*.yml', '')
    const shipped = (await readdir(new URL('../../rules/', import.meta.url))).filter((name) => name.endsWith('.yml'))
    expect([folder, await readdir(folder)]).toEqual([join(given.dataDir, 'config/rules'), shipped])
  })

  it('has defaults in the shipped files that are the usual ports', async () => {
    const { prometheus } = await renderConfigs(await settings('demo', defaultPorts))
    const shipped: PrometheusFile = parse(await readConfigFile(join(config, 'prometheus.yml'), {}))
    const rendered: PrometheusFile = parse(prometheus)
    expect(shipped).toEqual({ ...rendered, rule_files: ['../rules/*.yml'] })
  })
})

interface PrometheusFile {
  readonly global: { readonly scrape_interval: string }
  readonly rule_files: readonly string[]
  readonly scrape_configs: readonly {
    readonly job_name: string
    readonly static_configs: readonly { readonly targets: readonly string[] }[]
  }[]
}
