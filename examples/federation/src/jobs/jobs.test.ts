import { type Clock, encodeUtf8, type Logger, parseTextFamilies } from '@promline/core'
import { createFakeClock } from '@promline/core/testing'
import { createPushgateway, type Pushgateway, type PushRequest } from '@promline/exporter-kit'
import { createRandom } from '@promline/exporter-kit/synthetic'
import { afterEach, describe, expect, test } from 'vitest'
import { batchJobs, isJobName, type JobName } from './jobs.js'
import { startRecordingGateway } from './recording-gateway.test.helper.js'
import { runJob, runJobs } from './run-job.js'
import { runJobsEvery } from './run-jobs-every.js'

interface Pushed {
  readonly method: 'push' | 'add'
  readonly job: string
  readonly grouping: PushRequest['grouping']
  readonly values: ReadonlyMap<string, number>
}

/** A gateway in memory. */
function fakeGateway(): { gateway: Pushgateway; pushed: Pushed[] } {
  const pushed: Pushed[] = []
  const take = async (method: Pushed['method'], { job, grouping, registry }: PushRequest): Promise<void> => {
    const families = parseTextFamilies(encodeUtf8(await registry.metrics()), { mode: 'strict' })
    const values = families.flatMap(({ name, samples }) => samples.map(({ value }): [string, number] => [name, value]))
    pushed.push({ method, job, grouping, values: new Map(values) })
  }
  const gateway: Pushgateway = {
    push: (request) => take('push', request),
    add: (request) => take('add', request),
    delete: async () => {},
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
  return { gateway, pushed }
}

/** Delays are over at once, and count. */
function hurriedClock(): Clock {
  let nowMs = 0
  return {
    nowMs: () => 1_700_000_000_000 + nowMs,
    monotonicMs: () => nowMs,
    schedule(delayMs, callback) {
      nowMs += delayMs
      setImmediate(callback)
      return () => {}
    },
  }
}

const names: Readonly<Record<JobName, { own: string[]; failed: string[]; prefix: string }>> = {
  data_processing: {
    own: ['airflow_data_processing_records_total', 'airflow_data_processing_records_failed'],
    failed: ['airflow_data_processing_records_total', 'airflow_data_processing_records_failed'],
    prefix: 'airflow_data_processing',
  },
  etl_pipeline: {
    own: ['airflow_etl_extract_records', 'airflow_etl_transform_records', 'airflow_etl_load_records', 'airflow_etl_data_loss_percent'],
    failed: ['airflow_etl_extract_records', 'airflow_etl_transform_records'],
    prefix: 'airflow_etl',
  },
  report_generation: {
    own: ['airflow_reports_generated', 'airflow_reports_size_mb'],
    failed: ['airflow_reports_generated', 'airflow_reports_size_mb'],
    prefix: 'airflow_reports',
  },
}
const jobNames = batchJobs.map(({ name }) => name)

describe('runJob()', () => {
  const shared = (): { random: () => number; clock: Clock } => ({ random: createRandom(1), clock: hurriedClock() })

  test.each(jobNames)('%s pushes the names of the demo', async (name) => {
    const { gateway, pushed } = fakeGateway()
    await runJob(name, { gateway, failureProbability: 0, ...shared() })
    const { own, prefix } = names[name]
    expect(pushed).toMatchObject([{ method: 'push', job: name, grouping: { instance: 'airflow' } }])
    expect([...pushed[0]!.values.keys()]).toEqual([
      ...own,
      `${prefix}_duration_seconds`,
      `${prefix}_success`,
      `${prefix}_last_run_timestamp`,
      `${prefix}_last_success_timestamp`,
    ])
    expect(pushed[0]!.values.get(`${prefix}_success`)).toBe(1)
    expect(pushed[0]!.values.get(`${prefix}_duration_seconds`)).toBeGreaterThan(0.05)
  })

  test.each(jobNames)('%s fails half way where it is told to, and adds what it came to', async (name) => {
    const { gateway, pushed } = fakeGateway()
    await expect(runJob(name, { gateway, fail: true, ...shared() })).rejects.toThrow()
    const { failed, prefix } = names[name]
    expect(pushed).toMatchObject([{ method: 'add', job: name, grouping: { instance: 'airflow' } }])
    expect([...pushed[0]!.values.keys()]).toEqual([
      ...failed,
      `${prefix}_duration_seconds`,
      `${prefix}_success`,
      `${prefix}_last_run_timestamp`,
    ])
    expect(pushed[0]!.values.get(`${prefix}_success`)).toBe(0)
    for (const own of failed) expect(pushed[0]!.values.get(own)).toBeGreaterThanOrEqual(0)
  })

  test('fails now and then of itself', async () => {
    const { gateway, pushed } = fakeGateway()
    const options = { gateway, failureProbability: 0.2, ...shared() }
    for (let i = 0; i < 100; i++) await runJob('data_processing', options).catch(() => {})
    const failures = pushed.filter(({ method }) => method === 'add').length
    expect(failures).toBeGreaterThan(8)
    expect(failures).toBeLessThan(35)
  })

  /** What 200 runs of the ETL lost, in percent, but for those that failed. */
  async function lossesAt(failureProbability: number): Promise<number[]> {
    const { gateway, pushed } = fakeGateway()
    const options = { gateway, failureProbability, ...shared() }
    for (let i = 0; i < 200; i++) await runJob('etl_pipeline', options).catch(() => {})
    return pushed
      .filter(({ values }) => values.get('airflow_etl_success') === 1)
      .map(({ values }) => {
        const [extract, transform, load, loss] = names.etl_pipeline.own.map((name) => values.get(name) ?? Number.NaN)
        expect(extract! >= transform! && transform! >= load! && load! > 0).toBe(true)
        expect(loss).toBeCloseTo((100 * (extract! - load!)) / extract!, 9)
        return loss!
      })
  }

  test('the numbers of the ETL belong together, and now and then it loses more than the alert allows', async () => {
    const losses = await lossesAt(0.03)
    const high = losses.filter((loss) => loss > 5).length
    expect(high).toBeGreaterThan(0)
    expect(high).toBeLessThan(20)
    for (const loss of losses) expect(loss < 2.1 || loss > 7).toBe(true)
  })

  test('the ETL loses no more than the alert allows where nothing is to go wrong of itself', async () => {
    const losses = await lossesAt(0)
    expect(losses).toHaveLength(200)
    for (const loss of losses) expect(loss).toBeLessThan(2.1)
  })

  test('is of another instance where that is wanted', async () => {
    const { gateway, pushed } = fakeGateway()
    await runJob('etl_pipeline', { gateway, instance: 'cron', failureProbability: 0, ...shared() })
    expect(pushed[0]!.grouping).toEqual({ instance: 'cron' })
  })

  test('rejects a name that is no job’s', async () => {
    const name: JobName = JSON.parse('"etl"')
    await expect(runJob(name, fakeGateway())).rejects.toThrow(
      'there is no job etl: one of data_processing, etl_pipeline, report_generation',
    )
    expect([isJobName('etl'), isJobName('etl_pipeline')]).toEqual([false, true])
  })

  test('pushes to the path of the group', async () => {
    await using recording = await startRecordingGateway()
    await using gateway = createPushgateway({ url: recording.url })
    await runJob('report_generation', { gateway, failureProbability: 0, ...shared() })
    const paths = recording.pushes.map(({ path }) => path)
    expect(paths).toEqual(['/metrics/job/report_generation/instance/airflow'])
  })
})

describe('runJobs()', () => {
  test('runs all jobs whatever becomes of one, and logs', async () => {
    const { gateway, pushed } = fakeGateway()
    const lines: string[] = []
    const log = (_facts: object, message: string): void => void lines.push(message)
    const logger: Logger = { debug: log, info: log, warn: log, error: log }
    const outcomes = await runJobs({ gateway, failing: ['etl_pipeline'], failureProbability: 0, clock: hurriedClock(), logger })
    expect(outcomes).toEqual([
      { name: 'data_processing', error: undefined },
      { name: 'etl_pipeline', error: new Error('the warehouse refused the connection') },
      { name: 'report_generation', error: undefined },
    ])
    expect(pushed.map(({ job }) => job).sort()).toEqual(jobNames)
    expect(lines.sort()).toEqual([
      'Job data_processing succeeded.',
      'Job etl_pipeline failed: the warehouse refused the connection',
      'Job report_generation succeeded.',
    ])
  })

  test('runs those that are chosen', async () => {
    const { gateway, pushed } = fakeGateway()
    await runJobs({ gateway, only: ['report_generation'], failureProbability: 0, clock: hurriedClock() })
    expect(pushed.map(({ job }) => job)).toEqual(['report_generation'])
  })
})

describe('runJobsEvery()', () => {
  const stops: (() => void)[] = []
  afterEach(() => {
    for (const stop of stops.splice(0)) stop()
  })

  test('runs at once, then every interval, until it is told to stop', async () => {
    const { gateway, pushed } = fakeGateway()
    const clock = createFakeClock()
    const stopping = new AbortController()
    stops.push(() => stopping.abort())
    const loop = runJobsEvery({
      gateway,
      intervalMs: 60_000,
      only: ['etl_pipeline'],
      failureProbability: 0,
      clock,
      signal: stopping.signal,
    })
    await clock.advance(59_999)
    expect(pushed).toHaveLength(1)
    await clock.advance(1_000)
    expect(pushed).toHaveLength(2)
    stopping.abort()
    await loop
    await clock.advance(600_000)
    expect(pushed).toHaveLength(2)
    expect(clock.timers).toBe(0)
  })

  test('ends a run that is under way, and pushes that it failed', async () => {
    const { gateway, pushed } = fakeGateway()
    const clock = createFakeClock()
    const stopping = new AbortController()
    const loop = runJobsEvery({ gateway, intervalMs: 60_000, failureProbability: 0, clock, signal: stopping.signal })
    await clock.advance(1)
    stopping.abort()
    await loop
    expect(pushed.map(({ method }) => method)).toEqual(['add', 'add', 'add'])
    expect(clock.timers).toBe(0)
  })

  test('does nothing where it is told to stop before', async () => {
    const { gateway, pushed } = fakeGateway()
    await runJobsEvery({ gateway, intervalMs: 1, signal: AbortSignal.abort() })
    expect(pushed).toEqual([])
  })
})
