import { type Logger, PromlineError } from '@promline/core'
import { createFakeClock } from '@promline/core/testing'
import { Counter, type OpenMetricsContentType, Registry } from 'prom-client'
import { describe, expect, test, vi } from 'vitest'
import type { MetricRegistry } from '../registry/metric-registry.js'
import { atEnd, startFakePushgateway, status } from './fake-pushgateway.test.helper.js'
import type { JobMetrics } from './job-metrics.js'
import type { PushJobOptions } from './job-run.js'
import { pushJob } from './push-job.js'
import { createPushgateway, type Pushgateway, type PushRequest } from './pushgateway.js'

const clock = createFakeClock({ nowMs: 1_700_000_000_000 })

function connect(url: string): Pushgateway {
  const gateway = createPushgateway({ url, random: () => 0, deadlineMs: 1_000 })
  atEnd(() => gateway.close())
  return gateway
}

/** The sample lines of a page. */
function samples(page: string): string[] {
  return page.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

function recordingLog(): { logger: Logger; errors: string[]; warnings: string[] } {
  const errors: string[] = []
  const warnings: string[] = []
  const logger: Logger = {
    debug() {},
    info() {},
    warn: (_facts, message) => warnings.push(message),
    error: (_facts, message) => errors.push(message),
  }
  return { logger, errors, warnings }
}

describe('a job that succeeds', () => {
  test('replaces the group with what it has set and how it went, and gives its result', async () => {
    const { url, requests } = await startFakePushgateway()
    const job = async (metrics: JobMetrics): Promise<string> => {
      metrics.gauge('airflow_data_processing_records_total', 'Records processed.').set(1000)
      await clock.advance(2_500)
      return 'done'
    }
    const options = { gateway: connect(url), grouping: { instance: 'airflow' }, prefix: 'airflow_data_processing', clock }
    const endSeconds = (clock.nowMs() + 2_500) / 1000
    expect(await pushJob('data_processing', job, options)).toBe('done')
    expect(requests).toMatchObject([{ method: 'PUT', path: '/metrics/job/data_processing/instance/airflow' }])
    const seconds = endSeconds.toExponential().replace('+', '+0')
    expect(requests[0]!.body).toBe(`# HELP airflow_data_processing_records_total Records processed.
# TYPE airflow_data_processing_records_total gauge
airflow_data_processing_records_total 1000
# HELP airflow_data_processing_duration_seconds How long the last run took.
# TYPE airflow_data_processing_duration_seconds gauge
airflow_data_processing_duration_seconds 2.5
# HELP airflow_data_processing_success Whether the last run succeeded: 1 or 0.
# TYPE airflow_data_processing_success gauge
airflow_data_processing_success 1
# HELP airflow_data_processing_last_run_timestamp When the last run ended, in Unix seconds.
# TYPE airflow_data_processing_last_run_timestamp gauge
airflow_data_processing_last_run_timestamp ${seconds}
# HELP airflow_data_processing_last_success_timestamp When a run last succeeded, in Unix seconds.
# TYPE airflow_data_processing_last_success_timestamp gauge
airflow_data_processing_last_success_timestamp ${seconds}
`)
  })

  test('has names that begin with job by default, and may be a function that is not async', async () => {
    const { url, requests } = await startFakePushgateway()
    expect(await pushJob('j', () => 7, { gateway: connect(url) })).toBe(7)
    expect(samples(requests[0]!.body).map((line) => line.split(' ')[0])).toEqual([
      'job_duration_seconds',
      'job_success',
      'job_last_run_timestamp',
      'job_last_success_timestamp',
    ])
  })

  test('pushes a registry of the caller along', async () => {
    const { url, requests } = await startFakePushgateway()
    const registry = new Registry()
    const rows = new Counter({ name: 'rows_total', help: 'Rows', registers: [registry] })
    await pushJob('j', () => rows.inc(3), { gateway: connect(url), registry })
    expect(samples(requests[0]!.body).at(-1)).toBe('rows_total 3')
  })

  test('pushes what it has set when it ends, and logs what comes later', async () => {
    const { url, requests } = await startFakePushgateway()
    const { logger, warnings } = recordingLog()
    let late = (): void => {}
    const job = (metrics: JobMetrics): void => {
      const rows = metrics.gauge('rows')
      rows.set(1)
      late = () => rows.set(2)
    }
    await pushJob('j', job, { gateway: connect(url), logger })
    late()
    late()
    expect(samples(requests[0]!.body)[0]).toBe('rows 1')
    expect(warnings).toEqual(['Job j set the metric rows after its end, which is not pushed: something in it was not waited for.'])
  })

  test('fails where its push fails, and says that the job did not', async () => {
    const { url } = await startFakePushgateway(status(400, 'odd number of components'))
    await expect(pushJob('j', () => 7, { gateway: connect(url) })).rejects.toMatchObject({
      code: 'status',
      message: `job j succeeded, but that was not pushed: PUT ${url}/metrics/job/j: 400 Bad Request: odd number of components`,
      facts: { status: 400 },
    })
  })

  test('gives its result where somebody is told of a push that failed', async () => {
    const { url } = await startFakePushgateway(status(404))
    const told: string[] = []
    const onPushError = (error: Error): void => void told.push(error.message)
    expect(await pushJob('j', () => 7, { gateway: connect(url), onPushError })).toBe(7)
    expect(told).toEqual([`job j succeeded, but that was not pushed: PUT ${url}/metrics/job/j: 404 Not Found`])
  })

  test.each<[string, MetricRegistry, string]>([
    [
      'a registry that throws',
      { contentType: 'text/plain', metrics: () => Promise.reject(new Error('no database')) },
      'job j succeeded, but that was not pushed: no database',
    ],
    [
      'an OpenMetrics registry',
      openMetricsRegistry(),
      'job j succeeded, but that was not pushed: push: the registry speaks application/openmetrics-text; a push needs the text format: make the registry with Registry.PROMETHEUS_CONTENT_TYPE',
    ],
    [
      'a name that is there twice',
      registryWith('job_success'),
      'job j succeeded, but that was not pushed: push: the text of the registry, 13:8: second HELP for metric "job_success"',
    ],
  ])('fails with %s', async (_name, registry, message) => {
    const { url } = await startFakePushgateway()
    await expect(pushJob('j', () => {}, { gateway: connect(url), registry })).rejects.toThrow(message)
  })
})

describe('a job that throws', () => {
  const failure = new Error('the warehouse is gone')
  const failing = (metrics: JobMetrics): void => {
    metrics.gauge('rows').set(12)
    throw failure
  }

  test('adds what it has set, without a time of success, and the error is thrown as it is', async () => {
    const { url, requests } = await startFakePushgateway()
    await expect(pushJob('j', failing, { gateway: connect(url), clock })).rejects.toBe(failure)
    const seconds = (clock.nowMs() / 1000).toExponential().replace('+', '+0')
    expect(requests).toMatchObject([{ method: 'POST', path: '/metrics/job/j' }])
    expect(samples(requests[0]!.body)).toEqual(['rows 12', 'job_duration_seconds 0', 'job_success 0', `job_last_run_timestamp ${seconds}`])
  })

  test('throws what it threw, be it no error', async () => {
    const { url } = await startFakePushgateway()
    await expect(pushJob('j', () => Promise.reject('text'), { gateway: connect(url) })).rejects.toBe('text')
  })

  test('is not hidden by a push that fails: that is logged and told', async () => {
    const { url } = await startFakePushgateway(status(400, 'no'))
    const { logger, errors } = recordingLog()
    const told: string[] = []
    const onPushError = (error: Error): void => {
      told.push(error.message)
      throw new Error('and this?')
    }
    await expect(pushJob('j', failing, { gateway: connect(url), logger, onPushError })).rejects.toBe(failure)
    const message = `job j failed, and that was not pushed: POST ${url}/metrics/job/j: 400 Bad Request: no`
    expect(told).toEqual([message])
    expect(errors).toEqual([message, 'job j: onPushError threw: and this?'])
  })

  test('is not hidden by a registry that throws: it is pushed without that', async () => {
    const { url, requests } = await startFakePushgateway()
    const { logger, errors } = recordingLog()
    const registry = { contentType: 'text/plain', metrics: () => Promise.reject(new Error('no database')) }
    await expect(pushJob('j', failing, { gateway: connect(url), logger, registry })).rejects.toBe(failure)
    expect(errors).toEqual(['job j: its registry could not be collected, and is left out: no database'])
    expect(samples(requests[0]!.body).slice(0, 3)).toEqual(['rows 12', expect.stringMatching(/^job_duration_seconds /), 'job_success 0'])
  })
})

describe('options', () => {
  const noGateway: object = { gateway: undefined }
  const gateway = createPushgateway({ url: 'http://127.0.0.1:1' })
  test.each<[string, Partial<PushJobOptions>, string]>([
    ['', {}, 'push: the job must not be empty'],
    ['j', { grouping: { job: 'x' } }, 'push: the grouping label "job" is what the job is for'],
    ['j', { prefix: 'a-b' }, 'push: the prefix "a-b" is not [a-zA-Z_:][a-zA-Z0-9_:]*'],
    ['j', noGateway, 'push: the gateway must be given, as createPushgateway makes it'],
    ['j', { prefix: '' }, 'push: the prefix "" is not [a-zA-Z_:][a-zA-Z0-9_:]*'],
  ])('are checked before the job runs: %j %j', async (name, options, message) => {
    let hasRun = false
    const job = (): void => {
      hasRun = true
    }
    await expect(pushJob(name, job, { gateway, ...options })).rejects.toEqual(expect.objectContaining({ code: 'options', message }))
    expect(hasRun).toBe(false)
  })
})

describe('a signal', () => {
  /** A gateway that never answers. */
  function stuckGateway(): Pushgateway {
    const stuck = ({ signal }: PushRequest): Promise<void> =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new PromlineError('unavailable', 'given up'))))
    const gateway = createPushgateway({ url: 'http://127.0.0.1:1' })
    return { ...gateway, push: stuck, add: stuck }
  }

  test('is given to the job', async () => {
    const { url, requests } = await startFakePushgateway()
    const controller = new AbortController()
    const job = async (_metrics: JobMetrics, { signal }: { readonly signal: AbortSignal }): Promise<void> => {
      controller.abort(new Error('stopping'))
      signal.throwIfAborted()
    }
    await expect(pushJob('j', job, { gateway: connect(url), signal: controller.signal })).rejects.toThrow('stopping')
    expect(requests).toMatchObject([{ method: 'POST' }])
  })

  test.each([
    ['before the push', true],
    ['during the push', false],
  ])('that aborts %s leaves it two seconds', async (_name, isBefore) => {
    const fake = createFakeClock()
    const controller = new AbortController()
    const job = (): void => {
      if (isBefore) controller.abort()
    }
    let outcome = 'pending'
    const run = pushJob('j', job, { gateway: stuckGateway(), signal: controller.signal, clock: fake }).catch((error: Error) => {
      outcome = error.message
    })
    await fake.advance(10_000_000)
    controller.abort()
    await fake.advance(isBefore ? 0 : 1_999)
    if (!isBefore) expect(outcome).toBe('pending')
    await fake.advance(1)
    await run
    expect(outcome).toBe('job j succeeded, but that was not pushed: given up')
    expect(fake.timers).toBe(0)
  })

  test('that does not abort is not held on to', async () => {
    const { url } = await startFakePushgateway()
    const { signal } = new AbortController()
    const listeners = vi.spyOn(signal, 'addEventListener')
    const released = vi.spyOn(signal, 'removeEventListener')
    await pushJob('j', () => {}, { gateway: connect(url), signal })
    expect(listeners).toHaveBeenCalled()
    expect(released).toHaveBeenCalledTimes(listeners.mock.calls.length)
  })
})

function openMetricsRegistry(): MetricRegistry {
  const registry = new Registry<OpenMetricsContentType>()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  return registry
}

function registryWith(name: string): MetricRegistry {
  const registry = new Registry()
  new Counter({ name, help: 'Twice', registers: [registry] })
  return registry
}
