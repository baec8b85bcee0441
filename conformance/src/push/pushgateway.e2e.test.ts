import { type FamilySample, parseTextFamilies } from '@promline/core'
import { createPushgateway, type MetricRegistry, type Pushgateway, type PushGroup, pushJob } from '@promline/exporter-kit'
import { type PushgatewayServer, startPushgateway, waitFor } from '@promline/servers'
import fc from 'fast-check'
import { Gauge, Pushgateway as PromClientPushgateway, Registry } from 'prom-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWithServers } from '../servers/describe-with-servers.js'

describeWithServers('a real Pushgateway', ['pushgateway'], () => {
  let server: PushgatewayServer
  let gateway: Pushgateway
  beforeAll(async () => {
    server = await startPushgateway()
    gateway = createPushgateway({ url: server.url })
  })
  afterAll(async () => {
    await gateway?.close()
    await server?.stop()
  })

  /** Every sample that the gateway shows. */
  async function samples(): Promise<FamilySample[]> {
    const body = await (await fetch(server.metricsUrl)).arrayBuffer()
    return parseTextFamilies(new Uint8Array(body), { mode: 'strict' }).flatMap((family) => family.samples)
  }

  /** Every series of a metric, its labels and its value; the gateway's `instance=""` is no label. */
  async function shown(metric: string): Promise<{ labels: Record<string, string>; value: number }[]> {
    const found = (await samples()).filter(({ labels }) => labels.get('__name__') === metric)
    return found.map(({ labels, value }) => {
      const { __name__: _name, ...others } = labels.toObject()
      return { labels: others, value }
    })
  }

  /** The names that a job has on the gateway, without the gateway's own. */
  async function namesOf(job: string): Promise<string[]> {
    const names = (await samples()).filter(({ labels }) => labels.get('job') === job).map(({ labels }) => labels.get('__name__') ?? '')
    return names.filter((name) => !['push_time_seconds', 'push_failure_time_seconds'].includes(name)).sort()
  }

  function page(text: string): MetricRegistry {
    return { contentType: 'text/plain; version=0.0.4; charset=utf-8', metrics: async () => text }
  }

  const oddValues = [
    '/var/tmp',
    '/',
    '//',
    '.',
    '..',
    '...',
    'a/..',
    '',
    'a b',
    '%2F',
    '%',
    '+',
    '=',
    '@base64',
    'a\\b"c\n',
    '\0',
    'ü€𝄞',
    '\ufeff',
    '?#&;:*',
  ]

  test.each(oddValues)('has the value %j of a grouping label as it was given', async (value) => {
    const number = oddValues.indexOf(value)
    await gateway.push({ job: 'odd', grouping: { value, number: String(number) }, registry: page(`odd ${number}\n`) })
    const labels = { job: 'odd', number: String(number), ...(value !== '' && { value }) }
    expect(await shown('odd')).toContainEqual({ labels, value: number })
  })

  test.each(oddValues.filter((value) => value !== ''))('has the job %j as it was given', async (job) => {
    await gateway.push({ job, registry: page('of_job 1\n') })
    expect(await shown('of_job')).toContainEqual({ labels: { job }, value: 1 })
    await gateway.delete({ job })
    await waitFor('the removal', async () => (await shown('of_job')).length === 0)
  })

  test('has any value of Unicode as it was given', async () => {
    const values = fc.sample(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('/', '.', '%', 'é') })), {
      numRuns: 100,
      seed: 6,
    })
    const expected: { labels: PushGroup['grouping']; value: number }[] = []
    for (const [i, value] of values.entries()) {
      await gateway.push({ job: 'any', grouping: { i: String(i), value }, registry: page(`any ${i}\n`) })
      expected.push({ labels: { job: 'any', i: String(i), ...(value !== '' && { value }) }, value: i })
    }
    const byNumber = (await shown('any')).sort((a, b) => a.value - b.value)
    expect(byNumber).toEqual(expected)
  })

  test('keeps, replaces and removes as PUT, POST and DELETE say', async () => {
    const group = { job: 'verbs', grouping: { instance: 'i' } }
    await gateway.push({ ...group, registry: page('a 1\nb 1\n') })
    await gateway.push({ job: 'verbs', registry: page('a 5\n') })
    await gateway.add({ ...group, registry: page('b 2\nc 2\n') })
    expect(await namesOf('verbs')).toEqual(['a', 'a', 'b', 'c'])
    expect(await shown('b')).toEqual([{ labels: { job: 'verbs', instance: 'i' }, value: 2 }])
    await gateway.push({ ...group, registry: page('c 3\n') })
    expect(await namesOf('verbs')).toEqual(['a', 'c'])
    await gateway.push({ ...group, registry: page('') })
    expect(await namesOf('verbs')).toEqual(['a'])
    await gateway.delete(group)
    await gateway.delete({ job: 'verbs' })
    await gateway.delete({ job: 'verbs' })
    await waitFor('the removal', async () => (await namesOf('verbs')).length === 0)
  })

  test('loses a push of prom-client to a redirect, and not one of promline', async () => {
    const registry = new Registry()
    new Gauge({ name: 'disk_used', help: 'Used', registers: [registry] }).set(5)
    const grouping = { path: '/var/tmp' }
    const { resp } = await new PromClientPushgateway(server.url, {}, registry).push({ jobName: 'disk', groupings: grouping })
    expect(resp).toMatchObject({ statusCode: 301 })
    expect(await shown('disk_used')).toEqual([])
    await gateway.push({ job: 'disk', grouping, registry })
    expect(await shown('disk_used')).toEqual([{ labels: { job: 'disk', ...grouping }, value: 5 }])
  })

  test('redirects a path that is not clean: refused, and where it points is told', async () => {
    await using crooked = createPushgateway({ url: `${server.url}//behind` })
    await expect(crooked.push({ job: 'j', registry: page('a 1\n') })).rejects.toMatchObject({
      code: 'status',
      message: `PUT ${server.url}//behind/metrics/job/j: 301 Moved Permanently to ${server.url}/behind/metrics/job/j: a push follows no redirect, which may lose its body; set url to the Pushgateway itself`,
    })
  })

  test('refuses what contradicts another group, in its own words', async () => {
    await gateway.push({ job: 'types', grouping: { part: '1' }, registry: page('# TYPE clash counter\nclash 1\n') })
    const clashing = gateway.push({ job: 'types', grouping: { part: '2' }, registry: page('# TYPE clash gauge\nclash 1\n') })
    await expect(clashing).rejects.toMatchObject({
      code: 'status',
      facts: { status: 400 },
      message: expect.stringMatching(
        /^PUT http:\S+\/metrics\/job\/types\/part\/2: 400 Bad Request: pushed metrics are invalid or inconsistent with existing metrics: /,
      ),
    })
  })

  test('takes a compressed body', async () => {
    await using gzipped = createPushgateway({ url: server.url, gzip: true })
    await gzipped.push({ job: 'gzipped', registry: page('gzipped 1\n') })
    expect(await shown('gzipped')).toEqual([{ labels: { job: 'gzipped' }, value: 1 }])
  })

  test('takes every kind of metric of prom-client', async () => {
    const { collectDefaultMetrics, Histogram, Summary } = await import('prom-client')
    const registry = new Registry()
    collectDefaultMetrics({ register: registry })
    new Histogram({ name: 'h', help: 'H', registers: [registry] }).observe(1)
    new Summary({ name: 's', help: 'S', registers: [registry] }).observe(1)
    new Gauge({ name: 'odd_number', help: 'Odd', registers: [registry] }).set(Number.NaN)
    await gateway.push({ job: 'kinds', registry })
    expect(await namesOf('kinds')).toEqual(expect.arrayContaining(['h_bucket', 's_count', 'odd_number', 'process_cpu_seconds_total']))
  })

  test('has a push that began while it was away', async () => {
    await server.process.kill()
    const pushed = gateway.push({ job: 'patient', registry: page('patient 1\n') })
    await server.process.start()
    await pushed
    expect(await namesOf('patient')).toEqual(['patient'])
  })

  test('shows a job that succeeds, then fails: what the failure did not come to stays', async () => {
    const options = { gateway, grouping: { instance: 'airflow' }, prefix: 'nightly' }
    const labels = { job: 'nightly', instance: 'airflow' }
    await pushJob('nightly', (metrics) => metrics.gauge('nightly_rows').set(10), options)
    const [firstSuccess] = await shown('nightly_last_success_timestamp')
    expect(await shown('nightly_success')).toEqual([{ labels, value: 1 }])
    const failing = pushJob(
      'nightly',
      (metrics) => {
        metrics.gauge('nightly_errors').set(3)
        throw new Error('the warehouse is gone')
      },
      options,
    )
    await expect(failing).rejects.toThrow('the warehouse is gone')
    expect(await shown('nightly_success')).toEqual([{ labels, value: 0 }])
    expect(await shown('nightly_errors')).toEqual([{ labels, value: 3 }])
    expect(await shown('nightly_rows')).toEqual([{ labels, value: 10 }])
    expect(await shown('nightly_last_success_timestamp')).toEqual([firstSuccess])
    const [lastRun] = await shown('nightly_last_run_timestamp')
    expect(lastRun!.value).toBeGreaterThan(firstSuccess!.value)
    await pushJob('nightly', () => {}, options)
    expect(await namesOf('nightly')).toEqual([
      'nightly_duration_seconds',
      'nightly_last_run_timestamp',
      'nightly_last_success_timestamp',
      'nightly_success',
    ])
  })
})
