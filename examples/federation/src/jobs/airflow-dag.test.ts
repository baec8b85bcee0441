import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createPushgateway } from '@promline/exporter-kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { batchJobs, type JobName } from './jobs.js'
import { type RecordedPush, startRecordingGateway } from './recording-gateway.test.helper.js'
import { runJobs } from './run-job.js'

const run = promisify(execFile)
const airflow = fileURLToPath(new URL('../../airflow/', import.meta.url))
const dag = join(airflow, 'dags', 'promline_batch_jobs.py')

function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

// A title says why where nothing runs.
describe.skipIf(!hasPython())('the Airflow DAG (needs python3)', () => {
  let cache: string
  beforeAll(async () => {
    cache = await mkdtemp(join(tmpdir(), 'promline-airflow-'))
  })
  afterAll(() => rm(cache, { recursive: true, force: true }))

  const python = async (args: readonly string[], gateway: string): Promise<string> => {
    const env = { ...process.env, PYTHONPYCACHEPREFIX: cache, PUSHGATEWAY_URL: gateway, no_proxy: '*' }
    return (await run('python3', args, { env })).stdout
  }
  /** Code that has the DAG's module, on a stub of Airflow, as `m`. */
  const withModule = (code: string): string => `
import json, sys
sys.path.insert(0, ${JSON.stringify(airflow)})
import run_without_airflow
m = run_without_airflow.load_dag()
${code}`

  test('compiles', async () => {
    await python(['-m', 'py_compile', dag], '')
  })

  test('runs the three jobs every five minutes, with retries, and does not catch up', async () => {
    await using gateway = await startRecordingGateway()
    const { dags, outcomes } = JSON.parse(await python([join(airflow, 'run_without_airflow.py')], gateway.url))
    expect(dags.promline_batch_jobs).toMatchObject({
      schedule: '*/5 * * * *',
      catchup: false,
      max_active_runs: 1,
      default_args: { retries: 1, retry_delay: '0:00:30' },
      tags: ['promline', 'batch', 'pushgateway'],
    })
    expect(outcomes).toEqual(Object.fromEntries(batchJobs.map(({ name }) => [name, 'success'])))
  })

  /** Method, path, names, types and help of what is pushed, by job. */
  const shapes = (pushes: readonly RecordedPush[]): unknown =>
    pushes
      .map(({ method, path, contentType, metrics }) => ({
        method,
        path,
        contentType,
        metrics: [...metrics].map(([name, { type, help }]) => ({ name, type, help })).sort((a, b) => (a.name < b.name ? -1 : 1)),
        success: [...metrics].find(([name]) => name.endsWith('_success'))?.[1].value,
      }))
      .sort((a, b) => ((a.path ?? '') < (b.path ?? '') ? -1 : 1))

  test.each<[string, JobName[]]>([
    ['none', []],
    ['every one', batchJobs.map(({ name }) => name)],
  ])('pushes what the jobs here push, where this one fails: %s', async (_name, failing) => {
    await using theirs = await startRecordingGateway()
    await using ours = await startRecordingGateway()
    const ran = python([join(airflow, 'run_without_airflow.py'), ...failing.flatMap((name) => ['--fail', name])], theirs.url)
    if (failing.length === 0) await ran
    else await expect(ran).rejects.toMatchObject({ code: 1 })
    await using gateway = createPushgateway({ url: ours.url })
    await runJobs({ gateway, failing, failureProbability: 0 })
    expect(shapes(theirs.pushes)).toEqual(shapes(ours.pushes))
    expect(theirs.pushes).toHaveLength(3)
  })

  test('a path of a group is as here, whatever its values', async () => {
    const values = ['airflow', '/var/tmp', '', '.', '..', 'a b', 'ü€𝄞', '%2F', 'a+b', '@base64', '?#;']
    await using gateway = await startRecordingGateway()
    await using client = createPushgateway({ url: gateway.url })
    for (const value of values) await client.delete({ job: value === '' ? 'j' : value, grouping: { instance: value } })
    const code = `
for v in json.loads(sys.argv[1]): print(m.group_path(v or 'j', {'instance': v}))`
    const output = await python(['-c', withModule(code), JSON.stringify(values)], '')
    const decoded = (path: string | undefined): string => new URL(path ?? '', 'http://h').pathname
    expect(output.trim().split('\n').map(decoded)).toEqual(gateway.pushes.map(({ path }) => decoded(path)))
  })

  test('a push is made again where that may help, and its refusal is told', async () => {
    const cases: readonly (readonly [statuses: number[], outcome: string, requests: number])[] = [
      [[200], 'pushed', 1],
      [[202], 'pushed', 1],
      [[503, 429, 200], 'pushed', 3],
      [[500, 500, 500, 500, 500], '500 /elsewhere (attempt 5 of 5)', 5],
      [[301], '301 /elsewhere (attempt 1 of 5)', 1],
      [[307], '307 /elsewhere (attempt 1 of 5)', 1],
      [[400], '400 /elsewhere (attempt 1 of 5)', 1],
      [[204], '204 (attempt 1 of 5)', 1],
    ]
    const gateways = await Promise.all(cases.map(([statuses]) => startRecordingGateway(...statuses)))
    const code = `
for url in sys.argv[1:]:
    try:
        m.push('POST', url + '/metrics/job/j', 'a 1\\n', pause=lambda seconds: None)
        print('pushed')
    except RuntimeError as error:
        print(error)`
    const output = await python(['-c', withModule(code), ...gateways.map(({ url }) => url)], '')
    const outcomes = output.trim().split('\n')
    for (const [i, [statuses, outcome, requests]] of cases.entries()) {
      const { url, pushes } = gateways[i]!
      expect(outcomes[i], String(statuses)).toBe(outcome === 'pushed' ? outcome : `POST ${url}/metrics/job/j: ${outcome}`)
      expect(pushes, String(statuses)).toHaveLength(requests)
      await gateways[i]![Symbol.asyncDispose]()
    }
  })

  test('a login in the URL is sent, and is not in what is told of a failure', async () => {
    await using gateway = await startRecordingGateway(200, 401)
    const code = `
for attempt in range(2):
    try:
        m.push('PUT', sys.argv[1] + '/metrics/job/j', 'a 1\\n')
    except RuntimeError as error:
        print(error)`
    const output = await python(['-c', withModule(code), gateway.url.replace('//', '//bob:p%40ss@')], '')
    expect(output).toBe(`PUT ${gateway.url}/metrics/job/j: 401 /elsewhere (attempt 1 of 5)\n`)
    expect(gateway.pushes.map(({ authorization }) => authorization)).toEqual(['Basic Ym9iOnBAc3M=', 'Basic Ym9iOnBAc3M='])
  })
})
