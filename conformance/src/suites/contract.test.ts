import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../e2e/scope.js'
import { callTestee, jsonLines, linesOf, outputOf, runTestee, testee } from './run-testee.js'

/** Arguments, what comes on standard input, the whole line on standard error. */
type Refusal = readonly [args: string, input: string | Uint8Array, message: string]

async function expectRefusal(status: 1 | 2, [args, input, message]: Refusal): Promise<void> {
  const run = await callTestee(args === '' ? [] : args.split(' '), input)
  expect(run).toEqual({ status, stdout: Buffer.alloc(0), stderr: `${message}\n` })
}

const verbs = 'parse, entries, relabel, decode-write, encode-write, format, line-protocol, agent, receiver, relay'

describe('wrong use ends with status 2', () => {
  const rows: readonly (readonly [args: string, message: string])[] = [
    ['', `verb "": one of ${verbs}`],
    ['parze', `verb "parze": one of ${verbs}`],
    ['__proto__', `verb "__proto__": one of ${verbs}`],
    ['parse --bogus 1', "Unknown option '--bogus'"],
    ['parse body.txt', "Unexpected argument 'body.txt'. This command does not take positional arguments"],
    ['parse --mode', "Option '--mode <value>' argument missing"],
    ['parse --mode lenient', '--mode lenient: one of strict, prometheus'],
    ['parse --mode strict --mode prometheus', '--mode is given 2 times'],
    ['entries --format yaml', '--format yaml: one of text'],
    ['relabel', '--config is required'],
    ['decode-write --version 3.0', '--version 3.0: one of 1.0'],
    ['encode-write --version 3.0', '--version 3.0: one of 1.0'],
    ['format --format csv', '--format csv: one of influx, telegraf-json'],
    ['format --metric-version 3', '--metric-version 3: one of 1, 2'],
    ['format --now-ms soon', '--now-ms soon: a whole number of milliseconds'],
    ['line-protocol --schema flat', '--schema flat: one of prometheus, telegraf-v1, telegraf-v2'],
    ['agent --data x', '--config.file is required'],
    ['receiver --out x', '--listen is required'],
    ['receiver --listen 127.0.0.1:0', '--out is required'],
    ['receiver --listen nowhere --out x', '--listen: listen address "nowhere" is not host:port, [IPv6]:port or :port'],
  ]
  test.each(rows)('%s', async (args, message) => expectRefusal(2, [args, '', message]))
})

describe('input that is refused ends with status 1 and one line', () => {
  const rows: readonly Refusal[] = [
    ['parse', 'a 1\nb x\n', '2:3: expected a number as value, found "x"'],
    ['parse', Buffer.from('a{b="\xff"} 1\n', 'latin1'), '1:6: byte 0xff is not valid UTF-8 here'],
    ['entries --mode prometheus', '# TYPE a bla\n', '1:10: expected a type (counter, gauge, histogram, summary or untyped), found "bla"'],
    ['format', 'ü 1\n', '1:1: expected a metric name, "{", "#" or an empty line, found "ü"'],
    ['line-protocol', 'a{\n', '1:3: expected a label name or "}", found the end of the line'],
    ['decode-write', 'no snappy', 'snappy: offset 1: copy with offset 1634628384 after 0 bytes'],
    ['decode-write', '', 'snappy: offset 0: the block ends in its declared length'],
    ['encode-write', 'no JSON', '1:1: not JSON: expected a value, found "no"'],
    ['encode-write', '{"series":[\n  {"labels":{}},\n]}', '3:1: not JSON: expected a value, found "]"'],
    ['encode-write', '', '1:1: not JSON: expected a value, found the end'],
    ['encode-write', '[]', '$: expected an object, found []'],
    ['encode-write', '{"series":[{"labels":["a"]}]}', '$.series[0].labels: expected an object, found ["a"]'],
    [
      'encode-write',
      '{"series":[{"labels":{},"samples":[{"value":1e999,"timestampMs":1}]}]}',
      '$.series[0].samples[0].value: expected a number, "NaN", "+Inf" or "-Inf", found 1e999',
    ],
    [
      'encode-write',
      `{"series":[{"labels":{},"samples":[{"value":-1${'0'.repeat(309)},"timestampMs":1}]}]}`,
      `$.series[0].samples[0].value: expected a number, "NaN", "+Inf" or "-Inf", found -1${'0'.repeat(58)}`,
    ],
    [
      'encode-write',
      '{"series":[{"labels":{},"samples":[{"value":1,"timestampMs":1e400}]}]}',
      '$.series[0].samples[0].timestampMs: expected an integer within 2^53, found 1e400',
    ],
    [
      'encode-write',
      '{"series":[{"labels":{},"samples":[{"value":"1e400","timestampMs":1}]}]}',
      '$.series[0].samples[0].value: expected a number, "NaN", "+Inf" or "-Inf", found "1e400"',
    ],
    ['encode-write', '{"series":1e400}', '$.series: expected a list, found 1e400'],
    ['encode-write', '{"series":[1e400]}', '$.series[0]: expected an object, found 1e400'],
    ['encode-write', '{"series":[{"labels":{"":"x"}}]}', '$.series[0].labels: label with an empty name and value "x"'],
    [
      'encode-write',
      '{"series":[{"labels":{"a":"\\ud800"}}]}',
      '$.series[0].labels: label "a" has a lone surrogate, which UTF-8 cannot hold',
    ],
    [
      'encode-write',
      '{"series":[{"labels":{},"exemplars":[{"labels":{"":"x"},"value":1}]}]}',
      '$.series[0].exemplars[0].labels: label with an empty name and value "x"',
    ],
    [
      'encode-write',
      '{"series":[],"metadata":[{"name":"a","type":"bogus"}]}',
      '$.metadata[0].type: expected one of unknown, counter, gauge, histogram, gaugehistogram, summary, info, stateset, found "bogus"',
    ],
    [
      'encode-write',
      '{"series":[{"labels":{},"histograms":[{"resetHint":"maybe","timestampMs":1}]}]}',
      '$.series[0].histograms[0].resetHint: expected one of unknown, yes, no, gauge, found "maybe"',
    ],
    [
      'encode-write',
      '{"series":[{"labels":{},"samples":[{"value":1,"timestampMs":9007199254740993}]}]}',
      '$.series[0].samples[0].timestampMs: expected an integer within 2^53, found 9007199254740993',
    ],
    [
      'encode-write',
      '{"series":[{"labels":{},"histograms":[{"count":18446744073709551616,"timestampMs":1}]}]}',
      '$.series[0].histograms[0].count: expected an integer from 0 to 2^64 - 1, found 18446744073709551616',
    ],
    [
      'encode-write --version 1.0',
      '{"series":[{"labels":{}},{"labels":{},"histograms":[{"timestampMs":1},{"schema":-53,"timestampMs":1}]}]}',
      '$.series[1].histograms[1]: remote write 1.0 has no place for it: nhcb_in_rw1_not_supported',
    ],
    [
      'encode-write',
      '{"series":[{"labels":{},"samples":[{"value":1,"timestampMs":1,"startTimestampMs":0}]}]}',
      '$.series[0].samples[0].startTimestampMs: remote write 1.0 has no place for it',
    ],
    [
      'encode-write',
      '{"series":[{"labels":{},"histograms":[{"timestampMs":1,"startTimestampMs":1}]}]}',
      '$.series[0].histograms[0].startTimestampMs: remote write 1.0 has no place for it',
    ],
    [
      'encode-write',
      '{"series":[{"labels":{},"metadata":{"type":"counter"}}]}',
      '$.series[0].metadata: remote write 1.0 has no place for it',
    ],
    ['encode-write', Buffer.from([0x22, 0xff, 0x22]), 'the input is not valid UTF-8'],
    ['agent --config.file /nowhere/p.yml', '', "--config.file /nowhere/p.yml: ENOENT: no such file or directory, open '/nowhere/p.yml'"],
    ['relabel --config /nowhere/r.yml', '', "--config /nowhere/r.yml: ENOENT: no such file or directory, open '/nowhere/r.yml'"],
    ['receiver --listen 127.0.0.1:0 --out /nowhere/o', '', "--out /nowhere/o: ENOENT: no such file or directory, open '/nowhere/o'"],
  ]
  test.each(rows)('%s <<< %j', (...row) => expectRefusal(1, row))

  test('relabel names the line of its input', async () => {
    const config = join(await temporaryFolder(), 'rules.yml')
    await writeFile(config, '[]')
    const lines: readonly (readonly [line: string, message: string])[] = [
      ['{"a":5}', '3:1: $.a: expected a string, found 5'],
      ['{"":"x"}', '3:1: $: label with an empty name and value "x"'],
      ['{"a":"b"', '3:9: not JSON: expected "," or "}", found the end'],
    ]
    for (const [line, message] of lines) await expectRefusal(1, [`relabel --config ${config}`, `{"a":"b"}\n\n${line}\n`, message])
  })
})

describe('the built program', () => {
  test('ends with 2, 1 and 0, and says why on one line', async () => {
    expect(await runTestee(['parze'])).toEqual({ status: 2, stdout: Buffer.alloc(0), stderr: `verb "parze": one of ${verbs}\n` })
    const refusal = '1:3: expected a number as value, found "x"\n'
    expect(await runTestee(['parse'], 'a x\n')).toEqual({ status: 1, stdout: Buffer.alloc(0), stderr: refusal })
    expect(await runTestee(['entries'], '')).toEqual({ status: 0, stdout: Buffer.alloc(0), stderr: '' })
  })

  const body = Array.from({ length: 50_000 }, (_, i) => `a{x="${i}"} ${i}\n`).join('')

  test('a large body comes out whole', async () => {
    const lines = linesOf((await runTestee(['entries'], body)).stdout)
    expect(lines).toHaveLength(50_000)
    expect(lines.at(-1)).toBe('{"labels":{"__name__":"a","x":"49999"},"value":49999,"timestampMs":null}')
  })

  test('a reader that goes away is one line, no exception', async () => {
    const child = spawn(process.execPath, [testee, 'entries'], { stdio: ['pipe', 'pipe', 'pipe'] })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const closed = new Promise((resolve) => child.on('close', resolve))
    child.stdout.once('data', () => child.stdout.destroy())
    child.stdin.end(body)
    expect(await closed).toBe(1)
    expect(stderr).toMatch(/^standard output: .*EPIPE\n$/)
  })

  test('an input that ends at once is an empty body', async () => {
    expect((await outputOf(['parse'], '')).toString()).toBe('[]\n')
    expect((await outputOf(['entries'], '')).toString()).toBe('')
    expect((await outputOf(['format'], '')).toString()).toBe('')
    expect((await outputOf(['line-protocol'], '')).toString()).toBe('')
  })
})

describe('numbers and names that JSON makes hard', () => {
  test('-0, infinities, NaN, large and long numbers', async () => {
    const body = 'a -0\nb +Inf\nc -Inf\nd NaN\ne 1e300\nf 0.30000000000000004\ng 9007199254740993 -5\n'
    const texts = linesOf(await outputOf(['entries'], body)).map((line) =>
      /"value":(.*),"timestampMs":(.*)}$/.exec(line)?.slice(1).join(' '),
    )
    expect(texts).toEqual([
      '-0.0 null',
      '"+Inf" null',
      '"-Inf" null',
      '"NaN" null',
      '1e+300 null',
      '0.30000000000000004 null',
      '9007199254740992 -5',
    ])
  })

  test('labels named like members of objects, in code-point order', async () => {
    const body = 'a{constructor="1",__proto__="2","1"="3","!"="4","\u{1f600}"="5","\uff5e"="6"} 1\n'
    const [line] = linesOf(await outputOf(['entries'], body))
    const labels = '{"!":"4","1":"3","__name__":"a","__proto__":"2","constructor":"1","\uff5e":"6","\u{1f600}":"5"}'
    expect(line).toBe(`{"labels":${labels},"value":1,"timestampMs":null}`)
    const [family] = jsonLines<[{ samples: [{ labels: object }] }]>(await outputOf(['parse'], body))
    expect(Object.keys(family![0].samples[0].labels)).toContain('__proto__')
  })
})
