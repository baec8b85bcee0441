import { readdirSync } from 'node:fs'
import { metricNameLabel } from '@promline/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeWithFixtures, fixturePath, readFixture } from './fixtures.js'
import { callTestee, jsonLines, outputOf, type TesteeRun } from './run-testee.js'

interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number | string
  readonly timestampMs: number | null
  readonly exemplar: null
}

interface Family {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly unit: string
  readonly samples: readonly Sample[]
  readonly histograms: readonly []
}

/** A sample line of the contract. */
interface Entry {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number | string
  readonly timestampMs: number | null
}

async function parse(body: string | Uint8Array, mode: 'strict' | 'prometheus' = 'strict'): Promise<Family[]> {
  return JSON.parse((await outputOf(['parse', '--format', 'text', '--mode', mode], body)).toString())
}

function expectVerdict(run: TesteeRun, good: boolean): void {
  if (good) {
    expect(run).toMatchObject({ status: 0, stderr: '' })
    return
  }
  expect(run).toMatchObject({ status: 1, stdout: Buffer.alloc(0) })
  expect(run.stderr).toMatch(/^\d+:\d+: [^\n]+\n$/)
}

describeWithFixtures("expfmt's corpus", () => {
  const folder = 'prometheus-common-expfmt/fuzz/corpus'
  const files = readdirSync(fixturePath(folder))
  test.each(files)('%s', async (file) => {
    expectVerdict(await callTestee(['parse'], readFixture(`${folder}/${file}`)), !file.includes('error'))
  })
})

/** Families of an oracle: client_python, which strips `_total` and prints floats as Python does. */
interface OracleFamily extends Omit<Family, 'samples'> {
  readonly samples: readonly (Omit<Sample, 'value' | 'timestampMs'> & { readonly value: string })[]
}

function oracleValue(text: string): number | string {
  return ['NaN', '+Inf', '-Inf'].includes(text) ? text : Number(text)
}

describeWithFixtures('real bodies', () => {
  test('expfmt/testdata/text is what client_python reads in it', async () => {
    const oracle: readonly OracleFamily[] = JSON.parse(readFixture('oracle/expfmt/text.json').toString())
    const found = await parse(readFixture('prometheus-common-expfmt/testdata/text'))
    expect(
      found.map(({ name, type, help, samples }) => ({
        name: type === 'counter' ? name.replace(/_total$/, '') : name,
        type,
        help,
        samples: samples.map(({ name: sample, labels, value }) => ({ name: sample, labels: { ...labels }, value })),
      })),
    ).toEqual(
      oracle.map(({ name, type, help, samples }) => ({
        name,
        type: type === 'unknown' ? 'untyped' : type,
        help,
        samples: samples.map(({ name: sample, labels, value }) => ({ name: sample, labels, value: oracleValue(value) })),
      })),
    )
  })

  const bodies: readonly (readonly [path: string, families: number, samples: number])[] = [
    ['prometheus-common-expfmt/testdata/text', 37, 248],
    ['prometheus-textparse/alltypes.237mfs.prom.txt', 237, 1857],
    ['prometheus-textparse/alltypes.237mfs.nometa.prom.txt', 291, 1857],
    ['prometheus-promtool/metrics-test.prom', 4, 27],
    ['captured/nats-2.15.2/exporter-prefix-nats.metrics.txt', 168, 260],
  ]
  test.each(bodies)('%s: %i families, %i samples, the same in both modes and verbs', async (path, families, samples) => {
    const body = readFixture(path)
    const strict = await parse(body, 'strict')
    expect(strict).toHaveLength(families)
    expect(strict.flatMap((family) => family.samples)).toHaveLength(samples)
    const entries = jsonLines<Entry>(await outputOf(['entries', '--mode', 'strict'], body))
    expect(entries).toEqual(entriesOf(strict, entries))
    expect(jsonLines<Entry>(await outputOf(['entries', '--mode', 'prometheus'], body)).map(({ value }) => value)).toEqual(
      entries.map(({ value }) => value),
    )
  })
})

/** The samples of families as sample lines, in the order of the page. */
function entriesOf(families: readonly Family[], page: readonly Entry[]): Entry[] {
  const left = new Map<string, Entry[]>()
  for (const { name, labels, value, timestampMs } of families.flatMap((family) => family.samples)) {
    const entry = { labels: { [metricNameLabel]: name, ...labels }, value, timestampMs }
    const key = keyOf(entry)
    left.set(key, [...(left.get(key) ?? []), entry])
  }
  // A family's samples stand together; on the page they may not.
  return page.flatMap((entry) => left.get(keyOf(entry))?.shift() ?? [])
}

function keyOf({ labels }: Entry): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}

describe('what two parsers in Go make of the same body', () => {
  /** A body, whether Prometheus' scraper takes it, whether expfmt does. */
  const rows: readonly (readonly [body: string, scraper: boolean, expfmt: boolean])[] = [
    ['a{x="\\q"} 1\n', true, false],
    ['# HELP a x\n# HELP a y\n', true, false],
    ['# TYPE a gauge\n# TYPE a gauge\n', true, false],
    ['a 1\n# TYPE a gauge\n', true, false],
    ['a 1', true, false],
    ['a{x="1" y="2"} 1\n', true, false],
    ['a 1 \n', true, false],
    ['a 1 -5\n', false, true],
    ['  a 1\n', false, true],
    ['\ta 1\n', false, true],
    ['# TYPE a GAUGE\n', false, true],
    ['# TYPE a\n', false, true],
    ['a 1\r\n', false, false],
    ['a 1 1.5\n', false, false],
    ['a 0x10\n', false, false],
    ['a 1_000\n', false, false],
    ['a 1e999\n', false, false],
    ['a{x="1",,} 1\n', false, false],
    ['\ufeffa 1\n', false, false],
    ['a{x="\xff"} 1\n', false, false],
    ['a\xa01\n', false, false],
    ['a{__name__="b"} 1\n', false, false],
    ['a{x="1",x="2"} 1\n', false, false],
    ['a 1 # {t="1"} 1\n', false, false],
    ['# TYPE a bla\n', false, false],
    ['# TYPE a gauge \n', false, false],
    ['a 1 9223372036854775808\n', false, false],
    ['a{x="1",} 1\n', true, true],
    ['a{x="1"}1\n', true, true],
    ['a{x="\0"} 1\n', true, true],
    ['a .5\na 5.\na +5\na Infinity\n', true, true],
    ['a{x=""} 1\n', true, true],
    ['#comment\n', true, true],
    ['# HELP a\n', true, true],
    ['', true, true],
    ['{"a.b","c.d"="1",e="2"} 1\n', true, true],
    ['{e="2","a.b"} 1\n', true, true],
    ['# TYPE "a.b" gauge\n# HELP "a.b" x\n{"a.b"} 1\n', true, true],
    ['foo{"bar"} 1\n', false, false],
    ['{a="x"} 1\n', false, false],
    ['{"my.dotted.metric", "error.message"="Not Found"}\n', false, false],
  ]
  const modes = rows.flatMap(([body, scraper, expfmt]) => [['prometheus', body, scraper] as const, ['strict', body, expfmt] as const])
  test.each(modes)('%s: %j', async (mode, body, good) => {
    // One byte a character where the body is to be no UTF-8.
    const bytes = Buffer.from(body, /[\x80-\xff]/.test(body) ? 'latin1' : 'utf8')
    for (const verb of ['parse', 'entries']) expectVerdict(await callTestee([verb, '--mode', mode], bytes), good)
  })
})

describe('parse', () => {
  test('gives families in page order, those without samples among them, and every field of the contract', async () => {
    const body =
      '# TYPE b counter\n# HELP a some \\\\ \\n help\na{x="1"} 2 3\nb_total 4\nb 5\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum NaN\n'
    const sample = (name: string, value: number | string, labels = {}, timestampMs: number | null = null): Sample => ({
      name,
      labels,
      value,
      timestampMs,
      exemplar: null,
    })
    const family = (name: string, type: string, samples: readonly Sample[], help = ''): Family => ({
      name,
      type,
      help,
      unit: '',
      samples,
      histograms: [],
    })
    expect(await parse(body)).toEqual([
      family('b', 'counter', [sample('b', 5)]),
      family('a', 'untyped', [sample('a', 2, { x: '1' }, 3)], 'some \\ \n help'),
      family('b_total', 'untyped', [sample('b_total', 4)]),
      family('h', 'histogram', [sample('h_bucket', 1, { le: '+Inf' }), sample('h_sum', 'NaN')]),
    ])
  })

  test('refuses its body as a whole', async () => {
    expectVerdict(await callTestee(['entries'], `${'a 1\n'.repeat(1000)}b\n`), false)
  })
})

describe('parse and entries', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((value) => value.isWellFormed())
  const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  const name = fc.oneof(
    text.filter((value) => value !== ''),
    fc.constantFrom('__proto__', 'constructor', 'le', '1', 'a'),
  )
  const labels = fc.uniqueArray(fc.tuple(name, text), { selector: ([key]) => key, maxLength: 4 })
  const value = fc.oneof(
    fc.double({ noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? '-0' : String(number))),
    fc.constantFrom('+Inf', '-Inf', '1e-320'),
  )
  const sample = fc.tuple(name, labels, value, fc.option(fc.nat(2 ** 31))).map(([metric, pairs, number, timestampMs]) => {
    const inner = pairs.filter(([key]) => key !== metricNameLabel).map(([key, text]) => `"${escaped(key)}"="${escaped(text)}"`)
    return `{${[`"${escaped(metric)}"`, ...inner].join(',')}} ${number}${timestampMs === null ? '' : ` ${timestampMs}`}\n`
  })

  test('give the same samples, whatever Unicode allows in names and values', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sample, { maxLength: 40 }), async (lines) => {
        const body = lines.join('')
        for (const mode of ['strict', 'prometheus'] as const) {
          const entries = jsonLines<Entry>((await callTestee(['entries', '--mode', mode], body)).stdout)
          expect(entries).toHaveLength(lines.length)
          const families: Family[] = JSON.parse((await callTestee(['parse', '--mode', mode], body)).stdout.toString())
          expect(entriesOf(families, entries)).toEqual(entries)
        }
      }),
      { numRuns: 50, seed: 1 },
    )
  })
})
