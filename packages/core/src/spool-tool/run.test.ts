import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { laneOf } from '../delivery/lane-of.js'
import type { Origin } from '../model/batch.js'
import { batchOf } from '../model/samples.js'
import { createDiskSpool } from '../spool/disk-spool.js'
import type { Cursor, Spool } from '../spool/spool.js'
import { goldenBatches } from '../spool/testdata/golden-batches.js'
import { ManualClock } from '../spool/testdata/manual-clock.js'
import { runSpoolTool, type Surroundings } from './run.js'

let dir: string
let spool: Spool
const startMs = 1_700_000_000_000
const first = '0000000000000001.seg'

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'promline-tool-'))
})

afterEach(async () => {
  await spool?.close()
  await rm(dir, { recursive: true, force: true })
})

const originOf = (id: string): Origin => ({ kind: 'target', id, tenant: 't' })

async function openSpool(): Promise<void> {
  spool = createDiskSpool({ dir, clock: new ManualClock(startMs), minFreeBytes: 0, segmentBytes: 1024 })
  await spool.open()
}

function openCursor(name: string, lanes = 1): Promise<Cursor> {
  return spool.cursor({ name, lanes, overflow: 'block' })
}

/** Batches of two samples each, whose values are their number. */
async function append(from: number, to: number, origin = originOf('a')): Promise<void> {
  for (let i = from; i <= to; i++) {
    const samples = ['x', 'y'].map((k) => ({ labels: { __name__: 'm', k }, value: i, timestampMs: startMs + i }))
    await spool.append(batchOf(samples, origin))
  }
}

interface Ran {
  readonly code: number
  readonly out: string
  readonly complaints: readonly string[]
}

async function run(args: readonly string[], around: Partial<Surroundings> = {}): Promise<Ran> {
  let out = ''
  const complaints: string[] = []
  const code = await runSpoolTool(args, {
    cwd: dir,
    nowMs: () => startMs + 90_000,
    signal: new AbortController().signal,
    write: async (text) => {
      out += text
      return true
    },
    complain: (line) => complaints.push(line),
    ...around,
  })
  return { code, out, complaints }
}

/** Everything in the folder, and when it was changed. */
async function snapshot(): Promise<unknown[]> {
  const names = (await readdir(dir)).sort()
  return Promise.all(names.map(async (name) => [name, (await stat(join(dir, name))).mtimeMs, await readFile(join(dir, name), 'hex')]))
}

describe('inspect', () => {
  it('says what waits for whom, beside the process that writes, and changes nothing', async () => {
    await openSpool()
    const [kafka] = [await openCursor('kafka'), await openCursor('remote')]
    await append(1, 5)
    kafka.acknowledge(0, 3)
    await kafka.close()
    await spool.append(batchOf([], originOf('a')))
    const before = await snapshot()
    const { code, out, complaints } = await run(['inspect', dir])
    expect([code, complaints]).toEqual([0, []])
    expect(out.replaceAll(dir, 'DIR').replaceAll(String(process.pid), 'PID')).toMatch(
      /^spool DIR: open in process PID, \d+ bytes, 6 batches \(1 to 6\), 10 samples, oldest 90 s\n/,
    )
    const lines = out.split('\n').map((line) => line.replaceAll(/ +/g, ' '))
    expect(lines.slice(2, 5)).toEqual([
      'sink settled batches samples bytes lag lanes',
      expect.stringMatching(/^kafka 3 3 4 \d+ 90 s 3$/),
      expect.stringMatching(/^remote 0 6 10 \d+ 90 s 0$/),
    ])
    expect(lines.slice(6, 8)).toEqual([
      'segment version last bytes created damage',
      expect.stringMatching(/^0000000000000001.seg 1 6 \d+ 2023-11-14T22:13:20.000Z$/),
    ])
    expect(await snapshot()).toEqual(before)
  })

  it.runIf(process.platform === 'linux')('does not take a copy for open because the original is', async () => {
    await openSpool()
    await append(1, 1)
    const copy = join(dir, 'copy')
    await mkdir(copy)
    for (const name of ['lock', first]) await cp(join(dir, name), join(copy, name))
    expect((await run(['inspect', dir])).out).toContain(`: open in process ${process.pid}, `)
    expect((await run(['inspect', copy])).out).toContain(': not open, ')
  })

  it('counts by lane, as pipelines do', async () => {
    await openSpool()
    const cursor = await openCursor('sink', 4)
    const origins = Array.from({ length: 8 }, (_, i): Origin => ({ kind: 'target', id: `t${i}` }))
    for (const origin of origins) await append(1, 1, origin)
    const settled = laneOf(origins[0]!, 4)
    cursor.acknowledge(settled, 8)
    await cursor.close()
    const waiting = origins.filter((origin) => laneOf(origin, 4) !== settled).length
    const report: unknown = JSON.parse((await run(['inspect', dir, '--json'])).out)
    expect(report).toMatchObject({
      ownerPid: process.pid,
      firstSeq: 1,
      head: 8,
      batches: 8,
      ageSeconds: 90,
      unreadableBatches: 0,
      cursors: [
        { sink: 'sink', settled: 0, damaged: false, waiting: { batches: waiting, counts: { samples: 2 * waiting }, lagSeconds: 90 } },
      ],
      segments: [{ name: first, version: 1, header: 'good', createdMs: startMs, firstSeq: 1, damagedRecords: 0, trailingBytes: 0 }],
      badFiles: [],
    })
  })

  it('shows damage, and what nobody uses', async () => {
    await openSpool()
    await openCursor('broken')
    await append(1, 60)
    await spool.close()
    const bytes = await readFile(join(dir, first))
    bytes[300]! ^= 1
    bytes[9]! ^= 1
    await writeFile(join(dir, first), bytes)
    await writeFile(join(dir, 'broken.ack'), 'broken')
    await writeFile(join(dir, '0000000000000001.seg.bad'), '')
    const before = await snapshot()
    const { code, out } = await run(['inspect', dir])
    expect(code).toBe(0)
    expect(out).toContain(': not open, ')
    expect(out).toMatch(/^broken +0 +\d+ +\d+ +\d+ +90 s +DAMAGED: begins at the oldest$/m)
    expect(out).toMatch(/^0000000000000001.seg +\? .* header damaged, 1 damaged record$/m)
    expect(out).toContain('put aside, for nothing could be read from them: 0000000000000001.seg.bad')
    expect(await snapshot()).toEqual(before)
  })

  it('of an empty spool', async () => {
    await openSpool()
    expect((await run(['inspect', dir])).out).toContain('0 bytes, no batches, oldest 0.0 s\n\nno sink has a place here\n\nno segments\n')
  })

  it.each([
    ['that is missing', 'missing', 'is not a folder'],
    ['that is none', first, 'is not a folder'],
    ['of something else', '.', 'holds no spool: no *.seg, no *.ack'],
  ])('refuses a folder %s', async (_, name, message) => {
    if (name === first) await writeFile(join(dir, first), '')
    const place = join(dir, name)
    expect(await run(['inspect', place])).toEqual({ code: 1, out: '', complaints: [`${place} ${message}`] })
  })

  it('refuses a folder of spools, and names them', async () => {
    for (const name of ['scrape', 'receive', 'other']) await mkdir(join(dir, name))
    await writeFile(join(dir, 'scrape', 'kafka.ack'), '')
    await writeFile(join(dir, 'receive', first), '')
    const { code, complaints } = await run(['inspect', dir])
    const message = `${dir} holds no spool: no *.seg, no *.ack; these do: ${join(dir, 'receive')}, ${join(dir, 'scrape')}`
    expect([code, complaints]).toEqual([1, [message]])
  })

  it('says so where the system does not let it look', async () => {
    const place = join(dir, 'x'.repeat(256))
    const { code, complaints } = await run(['inspect', place])
    expect([code, complaints]).toEqual([1, [`spool ${place}: ENAMETOOLONG: name too long, stat '${place}'`]])
  })
})

describe('dump', () => {
  const line = (seq: number, k: string): string =>
    `{"seq":${seq},"appendedMs":${startMs},"origin":{"kind":"target","id":"a","tenant":"t"},"labels":{"__name__":"m","k":"${k}"},"value":${seq},"timestampMs":${startMs + seq}}`

  it.each([
    ['everything', [], [1, 2, 3, 4]],
    ['what waits for a sink', ['--cursor', 'sink'], [3, 4]],
    ['from a batch on', ['--from', '4'], [4]],
    ['both', ['--cursor', 'sink', '--from', '2'], [3, 4]],
    ['nothing', ['--from', '9'], []],
  ])('writes %s as lines of JSON', async (_, options, seqs) => {
    await openSpool()
    const cursor = await openCursor('sink')
    await append(1, 4)
    cursor.acknowledge(0, 2)
    await cursor.close()
    const lines = seqs.flatMap((seq) => [line(seq, 'x'), line(seq, 'y')])
    expect(await run(['dump', dir, ...options])).toEqual({ code: 0, out: lines.map((one) => `${one}\n`).join(''), complaints: [] })
  })

  it('stops at a number of lines, and when nobody reads any more', async () => {
    await openSpool()
    await append(1, 4)
    expect((await run(['dump', dir, '--limit', '3'])).out).toBe(`${line(1, 'x')}\n${line(1, 'y')}\n${line(2, 'x')}\n`)
    let writes = 0
    await run(['dump', dir], { write: async () => ++writes < 2 })
    expect(writes).toBe(2)
  })

  it('writes histograms, stale markers and origins with everything', async () => {
    spool = createDiskSpool({ dir, clock: new ManualClock(startMs), minFreeBytes: 0 })
    await spool.open()
    for (const batch of goldenBatches) await spool.append(batch)
    const { out } = await run(['dump', dir])
    const lines: unknown[] = out
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text))
    expect(lines[0]).toMatchObject({
      seq: 1,
      origin: {
        kind: 'target',
        id: 'node/host:9100',
        url: 'http://host:9100/metrics',
        targetLabels: { instance: 'host:9100', job: 'node' },
      },
    })
    expect(lines).toContainEqual(expect.objectContaining({ stale: true }))
    expect(lines).toContainEqual(expect.objectContaining({ histogram: expect.objectContaining({ schema: 3 }) }))
  })

  it('leaves out what is damaged or missing, and says so', async () => {
    await openSpool()
    await append(1, 60)
    const bytes = await readFile(join(dir, first))
    bytes[bytes.length - 10]! ^= 1
    await writeFile(join(dir, first), bytes)
    const { code, out, complaints } = await run(['dump', dir])
    expect(code).toBe(0)
    expect(out.trim().split('\n')).toHaveLength(2 * 59)
    expect(complaints).toEqual(['1 damaged batch was left out; as far as its head says, 0 samples'])
    // The entry of the dictionary that all batches of the segment refer to.
    bytes[70]! ^= 1
    await writeFile(join(dir, first), bytes)
    expect((await run(['dump', dir])).complaints).toEqual([
      expect.stringMatching(/^\d\d damaged batches were left out; as far as their heads say, \d\d samples$/),
    ])
  })

  it('refuses a sink that has no place', async () => {
    await openSpool()
    await openCursor('sink')
    expect((await run(['dump', dir, '--cursor', 'other'])).complaints).toEqual([`no sink other has a place in ${dir}, only: sink`])
  })
})

describe('replay', () => {
  /** A sink that writes the values that it is given into a file. */
  const sinkModule = (send: string): string => `
    import { appendFileSync } from 'node:fs'
    export function createSink({ url, mode = 'plain' }) {
      if (mode === 'broken') throw new Error('no mode is broken')
      return {
        name: 'mine' + (url ?? '').replaceAll(/[^a-z]/g, ''),
        encode: (batches) => [{
          part: 'all',
          body: batches.flatMap(({ columns }) => columns.flatMap(({ values }) => [...values])),
          bytes: 1,
          counts: { samples: batches.flatMap(({ columns }) => columns.flatMap(({ values }) => [...values])).length, histograms: 0, exemplars: 0 },
        }],
        async send(body) { ${send} },
      }
    }`
  const writes = `appendFileSync(new URL('./sent' + (url ?? '') , import.meta.url), body.join(' ') + ' '); return { status: 'delivered' }`

  it('delivers what waits for a sink, in order, acknowledges nothing, and exits with 0', async () => {
    await openSpool()
    const cursor = await openCursor('sink')
    await append(1, 300)
    cursor.acknowledge(0, 100)
    await spool.close()
    await writeFile(join(dir, 'sink.mjs'), sinkModule(writes))
    const before = (await snapshot()).length
    const { code, out, complaints } = await run(['replay', dir, '--cursor', 'sink', '--sink', './sink.mjs'])
    expect({ code, out, complaints }).toEqual({ code: 0, out: 'mine: 200 batches with 400 samples: 400 delivered\n', complaints: [] })
    const sent = (await readFile(join(dir, 'sent'), 'utf8')).trim().split(' ').map(Number)
    expect(sent).toEqual(Array.from({ length: 400 }, (_, i) => 101 + (i >> 1)))
    expect((await snapshot()).length).toBe(before + 1)
  })

  it.each(['relative', 'absolute'])('makes a sink for each URL, with options from a file whose path is %s', async (path) => {
    await openSpool()
    await append(1, 3)
    await writeFile(join(dir, 'sink.mjs'), sinkModule(writes))
    await writeFile(join(dir, 'options.json'), '{"mode":"fine"}')
    const options = [
      '--sink',
      './sink.mjs',
      '--to',
      'a',
      '--to',
      'b',
      '--options',
      path === 'absolute' ? join(dir, 'options.json') : 'options.json',
    ]
    expect((await run(['replay', dir, '--from', '2', ...options])).out).toBe(
      'minea: 2 batches with 4 samples: 4 delivered\nmineb: 2 batches with 4 samples: 4 delivered\n',
    )
    expect(await readFile(join(dir, 'senta'), 'utf8')).toBe('2 2 3 3 ')
  })

  it('exits with 1 where something was refused', async () => {
    await openSpool()
    await append(1, 2)
    await writeFile(
      join(dir, 'sink.mjs'),
      sinkModule(`return { status: 'rejected', error: new Error('never'), cause: 'invalid', divisible: false }`),
    )
    const { code, out, complaints } = await run(['replay', dir, '--from', '1', '--sink', './sink.mjs'])
    expect(code).toBe(1)
    expect(out).toBe('mine: 2 batches with 4 samples: 0 delivered, 4 refused (invalid)\n')
    expect(complaints.at(-1)).toBe('not everything was delivered: everything up to batch 2 was delivered, but for what was refused')
  })

  it('says the first few refusals, and how many there were', async () => {
    await openSpool()
    for (let i = 1; i <= 47; i++) await append(i, i, originOf(`t${i}`))
    const refusesEach = `
      return { status: 'rejected', error: new Error('never'), cause: 'invalid', divisible: body.length > 2 }`
    await writeFile(join(dir, 'sink.mjs'), sinkModule(refusesEach))
    const { code, out, complaints } = await run(['replay', dir, '--from', '1', '--sink', './sink.mjs'])
    expect([code, out]).toEqual([1, 'mine: 47 batches with 94 samples: 0 delivered, 94 refused (invalid)\n'])
    expect(complaints).toEqual([
      ...Array.from({ length: 5 }, () => 'sink mine refused 2 samples (invalid): never'),
      '... 47 refusals in all; the first 5 are above',
      'not everything was delivered: everything up to batch 47 was delivered, but for what was refused',
    ])
  })

  it('ends at a signal, and says how far it came', async () => {
    await openSpool()
    await append(1, 2)
    await writeFile(join(dir, 'sink.mjs'), sinkModule(`return { status: 'retryable', error: new Error('down') }`))
    const stop = new AbortController()
    const complaints: string[] = []
    const complain = (line: string): void => {
      complaints.push(line)
      stop.abort()
    }
    const { code, out } = await run(['replay', dir, '--from', '1', '--sink', './sink.mjs'], { signal: stop.signal, complain })
    expect(code).toBe(1)
    expect(out).toBe('mine: 2 batches with 4 samples: 0 delivered, 4 not sent\n')
    expect(complaints).toContain('interrupted: no batch was delivered')
  })

  it.each([
    ['./missing.mjs', [], /^cannot find \.\/missing\.mjs from .*: Cannot find module/],
    ['./bad.mjs', [], /^cannot load \.\/bad\.mjs: /],
    ['./none.mjs', [], /^\.\/none\.mjs exports no createSink$/],
    ['./two.mjs', [], /^\.\/two\.mjs exports several: createASink, createBSink; say which with --export$/],
    ['./two.mjs', ['--export', 'createCSink'], /^\.\/two\.mjs exports no function createCSink$/],
    ['./two.mjs', ['--export', 'createASink'], /^what \.\/two\.mjs makes is not a sink: it wants a name, encode and send$/],
    ['./mine.mjs', ['--options', 'secret.json'], /^cannot use .*secret\.json: not JSON$/],
    ['./mine.mjs', ['--options', 'list.json'], /^cannot use .*list\.json: not an object$/],
    ['./mine.mjs', ['--options', 'broken.json'], /^\.\/mine\.mjs makes no sink: no mode is broken$/],
  ])('refuses %s %j', async (module, options, message) => {
    await openSpool()
    await append(1, 1)
    const files = {
      'bad.mjs': 'export const = 1',
      'none.mjs': 'export const a = 1',
      'two.mjs': 'export const createASink = () => 1; export const createBSink = () => 1',
      'mine.mjs': sinkModule(writes),
      'secret.json': 'password',
      'list.json': '[]',
      'broken.json': '{"mode":"broken"}',
    }
    for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content)
    const { code, complaints } = await run(['replay', dir, '--from', '1', '--sink', module, ...options])
    expect([code, complaints]).toEqual([1, [expect.stringMatching(message)]])
  })
})

it('tells how it is called', async () => {
  expect(await run(['--help'])).toMatchObject({ code: 0, complaints: [], out: expect.stringMatching(/^Usage: promline-spool inspect DIR/) })
  expect(await run(['look'])).toEqual({
    code: 2,
    out: '',
    complaints: ['no command is called look: inspect, dump or replay (--help tells more)'],
  })
})

it('goes on where a segment is deleted while it is looked at', async () => {
  await openSpool()
  const cursor = await openCursor('sink')
  await append(1, 60)
  let writes = 0
  const seen: number[] = []
  await run(['dump', dir], {
    async write(text) {
      seen.push(Number(/"seq":(\d+)/.exec(text)?.[1]))
      if (++writes === 1) {
        const before = spool.status().segments
        cursor.acknowledge(0, 40)
        while (spool.status().segments === before) await new Promise((resolve) => setTimeout(resolve, 5))
      }
      return true
    },
  })
  expect(seen[0]).toBe(1)
  expect(seen.at(-1)).toBe(60)
  expect(seen.length).toBeLessThan(60)
})
