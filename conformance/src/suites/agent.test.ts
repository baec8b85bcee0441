import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { freePort, waitFor } from '@promline/servers'
import { describe, expect, test } from 'vitest'
import { startTestee } from '../e2e/program.js'
import { afterTest, temporaryFolder } from '../e2e/scope.js'
import { callTestee } from './run-testee.js'
import { startFakeSink } from './sinks.js'

async function startTarget(page: string): Promise<string> {
  const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(page))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterTest(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (typeof address === 'string' || address === null) throw new Error('a server without a port')
  return `127.0.0.1:${address.port}`
}

describe('agent', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'scrapes and sends what a stock file says, names what it leaves, drains at %s',
    async (signal) => {
      const target = await startTarget('# TYPE a gauge\na 4711\n')
      const sink = await startFakeSink()
      const folder = await temporaryFolder()
      const config = join(folder, 'prometheus.yml')
      await writeFile(
        config,
        `global: { scrape_interval: 1s, evaluation_interval: 15s, external_labels: { cluster: lab } }
alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager:9093] }] }] }
rule_files: [rules.yml]
scrape_configs: [{ job_name: job, static_configs: [{ targets: ['${target}'] }] }]
remote_write: [{ url: '${sink.url}/api/v1/write', queue_config: { batch_send_deadline: 100ms } }]
`,
      )
      const listen = `127.0.0.1:${await freePort()}`
      const agent = startTestee('agent', `--config.file=${config}`, `--web.listen-address=${listen}`, '--data', join(folder, 'data'))
      await waitFor('the sample at the sink', () => sink.values().includes(4711))
      expect((await fetch(`http://${listen}/-/ready`)).status).toBe(200)
      const { status, stdout, stderr } = await agent.stop(signal)
      expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
      expect(stderr).toContain('alerting')
      expect(stderr).toContain('rule_files')
    },
  )

  test('a config that cannot be used is one line with its place', async () => {
    const config = join(await temporaryFolder(), 'prometheus.yml')
    await writeFile(config, 'global:\n  scrape_intervall: 1s\n')
    expect(await callTestee(['agent', '--config.file', config])).toEqual({
      status: 1,
      stdout: Buffer.alloc(0),
      stderr: `${config}:2:3: global.scrape_intervall: unknown key; did you mean scrape_interval?\n`,
    })
  })
})
