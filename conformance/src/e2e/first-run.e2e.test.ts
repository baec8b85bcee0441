import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { streamingServerGauges } from '@promline/exporter-kit'
import { waitFor } from '@promline/servers'
import { expect, test } from 'vitest'
import { type AccountRow, difference, readAccounts } from './accounts.js'
import { readPage, seriesKey } from './exposition.js'
import { parseLine } from './line-protocol.js'
import { PipelineProgram } from './pipeline-program.js'
import { Program, type ProgramExit, repository } from './program.js'
import { temporaryFolder } from './scope.js'

/** What the command of the README takes without a configuration. */
const defaultPorts = [8000, 8888, 9201]
/** Installing with an empty cache, and building. */
const installTimeoutMs = 240_000
/** What the first minutes with the project promise. */
const flowTimeoutMs = 15_000
const stopTimeoutMs = 5_000

test('a fresh clone with an empty home: one command runs everything, again and again', { timeout: 420_000 }, async (context) => {
  const taken = (await Promise.all(defaultPorts.map(isTaken))).flatMap((is, i) => (is ? [defaultPorts[i]] : []))
  if (taken.length > 0 && process.env['CI'] !== 'true') return context.skip(`port ${taken.join(', ')} is in use`)
  expect(taken, 'default ports in use').toEqual([])

  const clone = join(await temporaryFolder(), 'promline')
  await promisify(execFile)('git', ['clone', '--quiet', repository, clone])
  const home = await temporaryFolder()
  const dataDir = await temporaryFolder()
  const start = () => startAsReader({ clone, home, dataDir })

  const first = await watchFlow(start())
  const before = await linesBelow(dataDir)
  const { accounts: firstAccounts } = await interrupt(first)
  const kept = await linesBelow(dataDir)
  expect(kept.topic.slice(0, before.topic.length)).toEqual(before.topic)
  expectAccounts(firstAccounts, { topic: kept.topic.length, influx: kept.influx.length })

  const second = await watchFlow(start())
  const { accounts } = await interrupt(second)
  const after = await linesBelow(dataDir)
  // What the first run wrote is still there, to the byte, and the second went on behind it.
  expect(after.topic.slice(0, kept.topic.length)).toEqual(kept.topic)
  expect(after.influx.slice(0, kept.influx.length)).toEqual(kept.influx)
  expectAccounts(accounts, { topic: after.topic.length - kept.topic.length, influx: after.influx.length - kept.influx.length })
  for (const lines of [after.topic, after.influx])
    expect(timesOf(lines), 'timestamps in order').toEqual([...timesOf(lines)].sort((a, b) => a - b))
})

async function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(true))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)))
  })
}

/** Runs the first of the README's two commands as somebody who has Node, npm and git, and nothing else. */
function startAsReader({ clone, home, dataDir }: { clone: string; home: string; dataDir: string }): PipelineProgram {
  const env = { PATH: process.env['PATH'], HOME: home }
  const program = new Program({ program: 'npx', args: ['-y', 'pnpm@12.21.0', 'start', '--data', dataDir], cwd: clone, env, group: true })
  return new PipelineProgram(program, dataDir)
}

/** Resolves once all that is promised is there, in time; rejects with what is not. */
async function watchFlow(pipeline: PipelineProgram): Promise<PipelineProgram> {
  await pipeline.program.printed(/promline \d+\.\d+\.\d+: /, { timeoutMs: installTimeoutMs })
  const began = performance.now()
  const left = () => ({ timeoutMs: flowTimeoutMs - (performance.now() - began) })
  await waitFor(
    '18 gauges',
    async () => {
      const page = readPage(await (await fetch('http://127.0.0.1:8000/metrics')).text())
      return streamingServerGauges.every(({ name }) => page.has(seriesKey(name, {})))
    },
    left(),
  )
  expect(streamingServerGauges).toHaveLength(18)
  const lines = await waitFor(
    'first lines',
    async () => {
      const found = await linesBelow(pipeline.dataDir)
      return found.topic.length > 0 && found.influx.length > 0 && found
    },
    left(),
  )
  await waitFor(
    'more lines',
    async () => {
      const { topic, influx } = await linesBelow(pipeline.dataDir)
      return topic.length > lines.topic.length && influx.length > lines.influx.length
    },
    left(),
  )
  for (const sink of ['scrape/kafka', 'scrape/receiver', 'receive/influx']) {
    const view = await pipeline.sink(sink)
    expect([view.balanced, view.delivered > 0], sink).toEqual([true, true])
  }
  expect(await (await pipeline.get('/')).text()).toContain('<!doctype html>')
  return pipeline
}

async function interrupt(pipeline: PipelineProgram): Promise<{ exit: ProgramExit; accounts: ReadonlyMap<string, AccountRow> }> {
  const began = performance.now()
  const exit = await pipeline.stop('SIGINT')
  expect(performance.now() - began, 'milliseconds to stop').toBeLessThan(stopTimeoutMs)
  return { exit, accounts: readAccounts(exit.stdout) }
}

interface Lines {
  readonly topic: readonly string[]
  readonly influx: readonly string[]
}

/** Lines of the topic and of the database; every one is complete. */
async function linesBelow(dataDir: string): Promise<Lines> {
  const read = async (path: string): Promise<string[]> =>
    (await readFile(join(dataDir, path), 'utf8').catch(() => '')).split('\n').slice(0, -1)
  return { topic: await read('topics/prometheus-metrics/0.ndjson'), influx: await read('influx/mydb.lp') }
}

/** Everything adds up, and every line that a sink has delivered is in its file: each of the gauges is a line. */
function expectAccounts(accounts: ReadonlyMap<string, AccountRow>, lines: { readonly topic: number; readonly influx: number }): void {
  expect([...accounts.keys()]).toEqual(['scrape/receiver', 'scrape/kafka', 'receive/influx'])
  for (const [name, account] of accounts) {
    expect([account.balanced, difference(account), account.rejected], name).toEqual([true, 0, 0])
  }
  expect(accounts.get('scrape/kafka')!.delivered).toBe(lines.topic)
  expect(accounts.get('receive/influx')!.delivered).toBe(lines.influx)
  expect(accounts.get('receive/influx')!.in).toBe(accounts.get('scrape/receiver')!.delivered)
}

function timesOf(lines: readonly string[]): number[] {
  return lines.map((line) => parseLine(line).timestampMs)
}
