import { execFile } from 'node:child_process'
import { delimiter, dirname } from 'node:path'
import { promisify } from 'node:util'
import { queryPrometheus, serverPath, waitFor } from '@promline/servers'
import { describeWithServers } from '@promline/servers/testing'
import { beforeAll, expect, test } from 'vitest'
import { demoServers } from '../demo/missing-servers.js'
import { defaultPorts } from '../demo/ports.js'
import { type FederationUrls, urlsOf } from '../demo/urls.js'
import { batchJobs } from '../jobs/jobs.js'
import { useFederation } from '../testing/running-federation.js'
import { runbookNames } from './rule-files.js'
import { readRunbook } from './runbook.js'

const run = promisify(execFile)
const runbooks = runbookNames().map((name) => ({ name, ...readRunbook(name) }))

/** The command as it is for a demo on other ports. */
function onPortsOf(urls: FederationUrls, command: string): string {
  const own = new Map(Object.entries(urls))
  const addresses = Object.entries(urlsOf(defaultPorts)).map(
    ([name, url]) => [new URL(url).host, new URL(own.get(name) ?? url).host] as const,
  )
  const addressOf = new Map(addresses)
  return command.replaceAll(/127\.0\.0\.1:\d+/g, (address) => addressOf.get(address) ?? address)
}

describeWithServers('the runbooks, on the running demo', [...demoServers, 'amtool'], () => {
  const running = useFederation()

  // Who reads a runbook has been running the demo for a while: every job has.
  beforeAll(async () => {
    const query = 'count({__name__=~"airflow_.+_last_run_timestamp"})'
    await waitFor('a run of every job', async () => {
      const [count] = await queryPrometheus({ url: running.federation.urls.prometheus, query })
      return count?.samples[0]?.value === `${batchJobs.length}`
    })
  })

  /** Resolves with what a command prints; rejects where it, or a part of it, fails. */
  async function shell(command: string): Promise<string> {
    const { urls } = running.federation
    const path = `${dirname(serverPath('amtool'))}${delimiter}${process.env['PATH']}`
    // curl is content with any answer: here an error is one.
    const script = `set -euo pipefail; curl() { command curl --fail-with-body "$@"; }; ${onPortsOf(urls, command)}`
    const { stdout } = await run('bash', ['-c', script], { env: { ...process.env, PATH: path } })
    return stdout
  }

  test.each(runbooks.flatMap(({ name, queries }) => queries.map((query) => ({ name, query }))))('$name asks: $query', async ({ query }) => {
    await queryPrometheus({ url: running.federation.urls.prometheus, query })
  })

  test.each(runbooks.flatMap(({ name, commands }) => commands.map((command) => ({ name, command }))))(
    '$name runs: $command',
    async ({ command }) => {
      await shell(command)
    },
  )

  test.each(runbooks)('$name silences: $silence', async ({ silence, silenced }) => {
    await shell(silence)
    expect(await shell('amtool silence query --alertmanager.url=http://127.0.0.1:9093')).toContain(silenced)
  })
})
