import { join } from 'node:path'
import { waitFor } from '@promline/servers'
import { describe, expect, test } from 'vitest'
import { type Program, startTestee } from '../e2e/program.js'
import { temporaryFolder } from '../e2e/scope.js'
import { callTestee } from './run-testee.js'
import { accept, type FakeSink, hang, refuse, startFakeSink, writeSample } from './sinks.js'

interface Relay {
  readonly url: string
  readonly program: Program
}

async function startRelay(data: string, ...args: readonly string[]): Promise<Relay> {
  const program = startTestee('relay', '--listen', '127.0.0.1:0', '--data', data, ...args)
  const [, url] = await program.printed(/^listening on (http:\/\/127\.0\.0\.1:\d+)\n/)
  return { url: url!, program }
}

/** Asks it to stop. Drains for at most five seconds; a second more is the machine's. */
async function expectStopsInTime(program: Program): Promise<void> {
  const startMs = performance.now()
  const { status, stderr } = await program.stop()
  expect(status, stderr).toBe(0)
  expect(performance.now() - startMs).toBeLessThan(8_000)
}

function arrived(sink: FakeSink, values: readonly number[]): Promise<unknown> {
  return waitFor(`${values.join()} at the sink`, () => values.every((value) => sink.values().includes(value)))
}

describe('relay', () => {
  test('sends to several sinks, in the order of each series, with their own queries', async () => {
    const [first, second] = [await startFakeSink(), await startFakeSink()]
    const query = '/write?extra=a%20b&promline.max_bytes=1000000&keep=%2Fc+d'
    const influx = '?u=me&promline.schema=prometheus&promline.db=metrics'
    const data = join(await temporaryFolder(), 'data')
    const { url, program } = await startRelay(
      data,
      '--sink',
      `remote-write=${first.url}${query}`,
      '--sink',
      `influx=${second.url}${influx}`,
    )
    for (const value of [1, 2, 3]) expect(await writeSample(url, value)).toBe(204)
    await arrived(first, [1, 2, 3])
    expect(new Set(first.requests.map((request) => request.url))).toEqual(new Set(['/write?extra=a%20b&keep=%2Fc+d']))
    await waitFor('lines at the second sink', () =>
      second.requests
        .map(({ body }) => body.toString())
        .join('')
        .includes('value=3'),
    )
    const target = new URL(second.requests[0]!.url, second.url)
    expect(target.pathname).toBe('/write')
    expect(target.searchParams.get('db')).toBe('metrics')
    expect(target.searchParams.get('u')).toBe('me')
    expect([...target.searchParams.keys()].filter((key) => key.startsWith('promline.'))).toEqual([])
    await expectStopsInTime(program)
  })

  test('2xx means spooled: what a sink refused goes out after a kill -9 and a restart on the same folder', async () => {
    const sink = await startFakeSink(refuse)
    const data = join(await temporaryFolder(), 'data')
    const args = ['--sink', `remote-write=${sink.url}/api/v1/write`, '--fsync', 'always']
    const { url, program } = await startRelay(data, ...args)
    for (const value of [1, 2, 3, 4]) expect(await writeSample(url, value)).toBe(204)
    await program.kill()
    sink.answerWith(accept)
    sink.requests.length = 0
    const again = await startRelay(data, ...args)
    await arrived(sink, [1, 2, 3, 4])
    expect(await writeSample(again.url, 5)).toBe(204)
    await arrived(sink, [5])
    await expectStopsInTime(again.program)
    // Acknowledged and delivered: nothing of it comes again.
    sink.requests.length = 0
    const third = await startRelay(data, ...args)
    expect(await writeSample(third.url, 6)).toBe(204)
    await arrived(sink, [6])
    expect(sink.values()).toEqual([6])
    await expectStopsInTime(third.program)
  })

  test.each(['always', 'interval', 'os'])('--fsync %s', async (fsync) => {
    const sink = await startFakeSink()
    const { url, program } = await startRelay(join(await temporaryFolder(), 'data'), '--sink', `remote-write=${sink.url}`, '--fsync', fsync)
    expect(await writeSample(url, 7)).toBe(204)
    await arrived(sink, [7])
    await expectStopsInTime(program)
  })

  test('a sink that never answers does not keep it from stopping', async () => {
    const sink = await startFakeSink(hang)
    const { url, program } = await startRelay(join(await temporaryFolder(), 'data'), '--sink', `remote-write=${sink.url}`)
    expect(await writeSample(url, 1)).toBe(204)
    await arrived(sink, [1])
    await expectStopsInTime(program)
  })

  test('a broker that nobody reaches is no reason to refuse, nor not to stop', async () => {
    const { url, program } = await startRelay(
      join(await temporaryFolder(), 'data'),
      '--sink',
      'kafka=127.0.0.1:1/topic?promline.format=influx',
    )
    expect(await writeSample(url, 1)).toBe(204)
    await expectStopsInTime(program)
  })

  test('a second one on the same folder is refused by name', async () => {
    const sink = await startFakeSink()
    const data = join(await temporaryFolder(), 'data')
    const args = ['--sink', `remote-write=${sink.url}`]
    const { program } = await startRelay(data, ...args)
    const second = startTestee('relay', '--listen', '127.0.0.1:0', '--data', data, ...args)
    const { status, stdout, stderr } = await second.exited
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr.trimEnd().split('\n').at(-1)).toContain(data)
    await expectStopsInTime(program)
  })

  const wrong: readonly (readonly [args: string, message: string])[] = [
    ['', '--listen is required'],
    ['--listen 127.0.0.1:0', '--data is required'],
    ['--listen 127.0.0.1:0 --data d', '--sink is required'],
    [
      '--listen 127.0.0.1 --data d --sink remote-write=http://h/',
      '--listen: listen address "127.0.0.1" is not host:port, [IPv6]:port or :port',
    ],
    ['--listen 127.0.0.1:0 --data d --sink remote-write=http://h/ --fsync never', '--fsync never: one of interval, always, os'],
    ['--listen 127.0.0.1:0 --data d --sink http://h/', '--sink http://h/: expected remote-write=URL, kafka=HOST:PORT/TOPIC or influx=URL'],
    ['--listen 127.0.0.1:0 --data d --sink file=/x', '--sink file=/x: expected remote-write=URL, kafka=HOST:PORT/TOPIC or influx=URL'],
    [
      '--listen 127.0.0.1:0 --data d --sink kafka=h:1',
      `--sink kafka=h:1: kafka sink: topic must match [A-Za-z0-9._-]{1,249} and be neither '.' nor '..', not ""`,
    ],
    ['--listen 127.0.0.1:0 --data d --sink remote-write=http://h/ --sink remote-write=http://h/', '--sink: two are the same'],
    [
      '--listen 127.0.0.1:0 --data d --sink remote-write=http://h/?promline.format=influx',
      '--sink remote-write=http://h/?promline.format=influx: unknown option promline.format: one of max_bytes',
    ],
    [
      '--listen 127.0.0.1:0 --data d --sink influx=http://h/?promline.max_bytes=1GiB',
      '--sink influx=http://h/?promline.max_bytes=1GiB: promline.max_bytes: a whole number of bytes',
    ],
    ['--listen 127.0.0.1:0 --data d --sink kafka=h:1/t?promline.format=csv', '--sink promline.format csv: one of influx, telegraf-json'],
  ]
  test.each(wrong)('wrong use: %s', async (args, message) => {
    const run = await callTestee(['relay', ...args.split(' ').filter((arg) => arg !== '')])
    expect(run).toEqual({ status: 2, stdout: Buffer.alloc(0), stderr: `${message}\n` })
  })
})
