import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { snappyCodec } from '@promline/remote-write'
import { describe, expect, test } from 'vitest'
import { type Program, startTestee } from '../e2e/program.js'
import { temporaryFolder } from '../e2e/scope.js'
import { describeWithFixtures, readFixture } from './fixtures.js'
import { callTestee, jsonLines, linesOf } from './run-testee.js'
import { post, writeSample } from './sinks.js'

interface Receiver {
  readonly url: string
  readonly out: string
  readonly program: Program
}

async function startReceiver(): Promise<Receiver> {
  const out = join(await temporaryFolder(), 'out.ndjson')
  const program = startTestee('receiver', '--listen', '127.0.0.1:0', '--out', out)
  const [, url] = await program.printed(/^listening on (http:\/\/127\.0\.0\.1:\d+)\n/)
  return { url: url!, out, program }
}

describe('receiver', () => {
  test('a sample is in the file before it is acknowledged; wrong requests leave nothing; SIGTERM ends it with 0', async () => {
    const { url, out, program } = await startReceiver()
    expect(await writeSample(url, -0, { __proto__x: 'y', '1': 'é\n' })).toBe(204)
    expect(await readFile(out, 'utf8')).toBe(
      '{"labels":{"1":"é\\n","__name__":"written","__proto__x":"y"},"value":-0.0,"timestampMs":1700000000000}\n',
    )
    const statuses = await Promise.all([
      post(url, Buffer.from('no snappy')),
      post(url, snappyCodec.compress(Buffer.from('no message'))),
      post(url, new Uint8Array(), '/elsewhere'),
    ])
    expect(statuses).toEqual([400, 400, 404])
    const written = await Promise.all(Array.from({ length: 50 }, (_, i) => writeSample(url, i + 1)))
    expect(new Set(written)).toEqual(new Set([204]))
    const values = jsonLines<{ value: number }>(await readFile(out, 'utf8')).map(({ value }) => value)
    expect(values.toSorted((a, b) => a - b)).toEqual([-0, ...Array.from({ length: 50 }, (_, i) => i + 1)])
    expect(await program.stop()).toMatchObject({ status: 0, stdout: `listening on ${url}\n` })
  })

  test('a port in use is one line', async () => {
    const { url } = await startReceiver()
    const out = join(await temporaryFolder(), 'out')
    const run = await callTestee(['receiver', '--listen', new URL(url).host, '--out', out])
    expect(run).toMatchObject({
      status: 1,
      stderr: `receiver: cannot listen on ${new URL(url).host}: the port is in use (stop what listens there, or choose another)\n`,
    })
  })
})

describeWithFixtures('receiver and a real request of Prometheus', () => {
  test('a request of 2.0 under the headers of 1.0 is not acknowledged', async () => {
    const { url, out, program } = await startReceiver()
    expect(await post(url, readFixture('vectors/v2_full.snappy'))).toBe(400)
    expect(await readFile(out, 'utf8')).toBe('')
    expect((await program.stop()).status).toBe(0)
  })

  test('sample lines are what decode-write says, and appended', async () => {
    const { url, out, program } = await startReceiver()
    const body = readFixture('captured/rw1-prometheus-2.42.0/001.snappy.bin')
    expect(await post(url, body)).toBe(204)
    expect(await post(url, readFixture('captured/rw1-prometheus-2.42.0/005.snappy.bin'))).toBe(204)
    const decoded: { series: { labels: object; samples: object[] }[] } = JSON.parse(
      (await callTestee(['decode-write'], body)).stdout.toString(),
    )
    const lines = jsonLines<object>(await readFile(out, 'utf8'))
    expect(lines).toEqual(
      expect.arrayContaining(decoded.series.flatMap(({ labels, samples }) => samples.map((sample) => ({ labels, ...sample })))),
    )
    expect(
      linesOf(await readFile(out, 'utf8')).some((line) => line.includes('"value":"NaN","timestampMs":') && line.endsWith('"stale":true}')),
    ).toBe(true)
    expect((await program.stop('SIGINT')).status).toBe(0)
  })
})
