import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { serverPath } from '@promline/servers'
import { describeWithServers } from '@promline/servers/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { dashboardQueries, withVariables } from './dashboard-queries.js'
import { ruleFileNames, rulesFolder, ruleTestNames, runbookNames } from './rule-files.js'
import { readRunbook } from './runbook.js'

const run = promisify(execFile)

/** Resolves with what promtool prints; rejects with what it has against it. */
async function promtool(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(serverPath('promtool'), args, { cwd: rulesFolder })
  return stdout
}

describeWithServers('promtool', ['promtool'], () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'promline-rules-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('takes the rules, and finds nothing to warn of', async () => {
    await promtool('check', 'rules', '--lint=all', '--lint-fatal', ...ruleFileNames())
  })

  test.each(ruleTestNames())('tests of the rules: %s', async (file) => {
    expect(await promtool('test', 'rules', `tests/${file}`)).toContain('SUCCESS')
  })

  test('takes every query of the dashboards and the runbooks', async () => {
    const queries = [...dashboardQueries().map(({ expr }) => expr), ...runbookNames().flatMap((name) => readRunbook(name).queries)]
    const rules = queries.map((expr, index) => ({ record: `query_${index}`, expr: withVariables(expr) }))
    const file = join(folder, 'queries.yml')
    await writeFile(file, stringify({ groups: [{ name: 'queries', rules }] }))
    expect(await promtool('check', 'rules', file)).toContain(`${queries.length} rules found`)
  })
})
