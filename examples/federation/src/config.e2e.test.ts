import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { serverPath } from '@promline/servers'
import { describeWithServers } from '@promline/servers/testing'
import { expect, onTestFinished, test } from 'vitest'
import { paces } from './demo/pace.js'
import { createPasswordFiles } from './demo/passwords.js'
import { defaultPorts } from './demo/ports.js'
import { type RenderedConfigs, renderConfigs } from './demo/render-configs.js'

async function render(pace: keyof typeof paces): Promise<RenderedConfigs & { readonly dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'promline-config-'))
  onTestFinished(() => rm(dataDir, { recursive: true }))
  const passwordFiles = await createPasswordFiles(dataDir)
  return { ...(await renderConfigs({ dataDir, ports: defaultPorts, pace: paces[pace], passwordFiles })), dataDir }
}

async function run(tool: 'promtool' | 'amtool', ...args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(serverPath(tool), args)).stdout
}

describeWithServers('the configuration', ['promtool', 'amtool'], () => {
  test.each(['demo', 'fast'] as const)('of pace %s is what Prometheus and Alertmanager take', async (pace) => {
    const { dataDir, prometheus, alertmanager, agentFile } = await render(pace)
    const prometheusFile = join(dataDir, 'prometheus.yml')
    const alertmanagerFile = join(dataDir, 'alertmanager.yml')
    await writeFile(prometheusFile, prometheus)
    await writeFile(alertmanagerFile, alertmanager)
    const checked = await run('promtool', 'check', 'config', prometheusFile)
    expect(checked).toContain('2 rule files found')
    expect(checked.match(/SUCCESS: \d+ rules found/g)).toHaveLength(2)
    // The agent's is a stock one: Prometheus' own agent takes it, too.
    expect(await run('promtool', 'check', 'config', '--agent', agentFile)).toContain('is valid prometheus config file syntax')
    expect(await run('amtool', 'check-config', alertmanagerFile)).toContain('SUCCESS')
  })
})
