import { describe, expect, test } from 'vitest'
import { parseLine } from '../e2e/line-protocol.js'
import { describeWithFixtures, readFixture } from './fixtures.js'
import { callTestee, linesOf, outputOf } from './run-testee.js'

const folder = 'oracle/telegraf-1.37.2'
const url = 'http://127.0.0.1:19100/metrics.txt'

/** Telegraf's order differs from run to run: lines are compared as a set. */
function sorted(text: Buffer): string[] {
  return linesOf(text).sort()
}

/** The time of a capture's scrape: that of the most rows. */
function scrapeTimeMs(lines: readonly string[], timestampMs: (line: string) => number): number {
  const counts = new Map<number, number>()
  for (const line of lines) counts.set(timestampMs(line), (counts.get(timestampMs(line)) ?? 0) + 1)
  const [most] = [...counts].sort(([, a], [, b]) => b - a)
  return most?.[0] ?? 0
}

const lineTimeMs = (line: string): number => Number(line.slice(line.lastIndexOf(' ') + 1)) / 1e6
const jsonTimeMs = (line: string): number => Number(/"timestamp":(\d+)}$/.exec(line)?.[1])

describeWithFixtures('Telegraf 1.37.2, line by line', () => {
  const captures: readonly (readonly [file: string, args: readonly string[]])[] = [
    ['out-v1.influx', ['format', '--format', 'influx', '--metric-version', '1', '--url', url]],
    ['out-v2.influx', ['format', '--format', 'influx', '--metric-version', '2', '--url', url]],
    ['out-v1-nourltag.influx', ['format', '--format', 'influx', '--metric-version', '1']],
    ['out-v1-nourltag.influx', ['format']],
    ['out-v1.json', ['format', '--format', 'telegraf-json', '--metric-version', '1', '--url', url]],
    ['out-v2.json', ['format', '--format', 'telegraf-json', '--metric-version', '2', '--url', url]],
    ['out-v1-nourltag.influx', ['line-protocol', '--schema', 'telegraf-v1']],
  ]
  test.each(captures)('%s = %j', async (file, args) => {
    const captured = sorted(readFixture(`${folder}/${file}`))
    const nowMs = scrapeTimeMs(captured, file.endsWith('.json') ? jsonTimeMs : lineTimeMs)
    expect(sorted(await outputOf([...args, '--now-ms', String(nowMs)], readFixture(`${folder}/metrics.txt`)))).toEqual(captured)
  })

  test('telegraf-v2 is the format of version 2 without a url', async () => {
    const captured = sorted(readFixture(`${folder}/out-v2.influx`))
    const args = ['line-protocol', '--schema', 'telegraf-v2', '--now-ms', String(scrapeTimeMs(captured, lineTimeMs))]
    const withoutUrl = captured.map((line) => line.replace(`,url=${url}`, '')).sort()
    expect(sorted(await outputOf(args, readFixture(`${folder}/metrics.txt`)))).toEqual(withoutUrl)
  })

  const verbs = [['format'], ['format', '--format', 'telegraf-json'], ['line-protocol'], ['line-protocol', '--schema', 'telegraf-v2']]
  test.each(verbs.map((args) => [args]))('bad.txt: %j writes nothing and ends with 1', async (args) => {
    const run = await callTestee(args, readFixture(`${folder}/bad.txt`))
    expect(run).toMatchObject({ status: 1, stdout: Buffer.alloc(0) })
    expect(run.stderr).toMatch(/^3:\d+: [^\n]+\n$/)
  })

  test('schema prometheus has a line for every finite sample', async () => {
    const page = readFixture(`${folder}/metrics.txt`)
    const lines = linesOf(await outputOf(['line-protocol', '--now-ms', '5'], page)).map(parseLine)
    const values = linesOf(await outputOf(['entries', '--mode', 'prometheus'], page)).map((line): unknown => JSON.parse(line).value)
    expect(lines.map(({ fields }) => fields['value'])).toEqual(values.filter((value) => typeof value === 'number'))
  })
})

describe('format', () => {
  test('a row at a time, each with one line feed', async () => {
    const body = '# TYPE a gauge\na{x="1"} 1\na{x="2"} NaN\na{x="3"} +Inf\n'
    const url = 'http://h:1/m'
    expect((await outputOf(['format', '--url', url, '--now-ms', '7'], body)).toString()).toBe(`a,url=http://h:1/m,x=1 gauge=1 7000000\n`)
    expect((await outputOf(['format', '--format', 'telegraf-json', '--now-ms', '7'], body)).toString()).toBe(
      '{"fields":{"gauge":1},"name":"a","tags":{"x":"1"},"timestamp":7}\n{"fields":{},"name":"a","tags":{"x":"3"},"timestamp":7}\n',
    )
  })
})
