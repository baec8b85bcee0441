import { expect, test } from 'vitest'
import type { HttpClient } from '../../http/client-options.js'
import { type Batch, staleAt, timestampAt } from '../../model/batch.js'
import { encodeUtf8 } from '../../model/bytes.js'
import type { Clock } from '../../model/clock.js'
import { areDisjoint } from '../../model/disjoint-lists.js'
import type { RelabelConfig } from '../../relabel/relabel-config.js'
import { compileRelabelConfigs } from '../../relabel/relabeler.js'
import type { ScrapeConfigInput, TargetStatus } from '../scrape-config.js'
import { createTarget, discoverTargets } from '../target.js'
import { TargetScraper, type TargetSettings } from '../target-scraper.js'
import { validateScrapeConfig } from '../validate-scrape-config.js'
import { Random, RandomPages } from './random-pages.test.helper.js'

/** Pages in the suite; as many as one likes by the environment, from any seed on. */
const pageCount = Number(process.env['PROMLINE_DIFFERENTIAL_PAGES'] ?? 10_000)
const firstSeed = Number(process.env['PROMLINE_DIFFERENTIAL_SEED'] ?? 1)
const pagesPerSeed = 15

const startMs = 1_704_067_200_000
const { signal } = new AbortController()

/** What a page is served with. */
interface Served {
  body: Uint8Array
  /** The body, as it arrives. */
  pieces: readonly Uint8Array[]
  status: number
}

/** Cuts a body into some pieces, of which some are very short. */
function cutBody(body: Uint8Array, random: Random): Uint8Array[] {
  const pieces: Uint8Array[] = []
  const longest = random.pick([7, 40, 500, 5000, 70_000, 70_000])
  for (let at = 0; at < body.length; ) {
    const end = at + 1 + random.below(longest)
    pieces.push(body.subarray(at, end))
    at = end
  }
  return pieces
}

const ruleSets: readonly (readonly RelabelConfig[])[] = [
  [],
  [{ action: 'drop', sourceLabels: ['__name__'], regex: 'c|d' }],
  [{ action: 'labeldrop', regex: 'pod' }],
  [{ action: 'replace', sourceLabels: ['__name__'], regex: '(a|b)(.*)', targetLabel: '__name__', replacement: 'x_$2' }],
  [{ action: 'drop', sourceLabels: ['pod'], regex: 'p.*[37]' }],
  [{ action: 'keep', sourceLabels: ['drop'], regex: '.+' }],
].map((rules) => rules.map((rule) => ({ ...rule }) as RelabelConfig))

function randomConfig(random: Random): Partial<ScrapeConfigInput> {
  return {
    honorLabels: random.chance(0.3),
    honorTimestamps: random.chance(0.7),
    trackTimestampsStaleness: random.chance(0.3),
    sampleLimit: random.chance(0.15) ? 20 + random.below(200) : 0,
    labelLimit: random.chance(0.05) ? 4 : 0,
    labelValueLengthLimit: random.chance(0.05) ? 12 : 0,
    metricRelabelConfigs: random.chance(0.5) ? random.pick(ruleSets) : [],
  }
}

function settingsOf(input: Partial<ScrapeConfigInput>, served: Served): TargetSettings {
  const config = validateScrapeConfig({ jobName: 'j', staticConfigs: [{ targets: ['h:1'] }], ...input })
  const [discovered] = discoverTargets(config)
  const target = discovered && createTarget(discovered, config, compileRelabelConfigs([]))
  if (target === undefined) throw new Error('no target')
  const client: HttpClient = {
    async request({ consume }) {
      const head = { status: served.status, headers: { 'content-type': 'text/plain' } }
      const take = consume?.(head)
      if (take === undefined) return { ...head, body: served.body }
      for (const piece of served.pieces) {
        // The memory is only lent.
        const lent = piece.slice()
        await take(lent)
        lent.fill(0x7b)
      }
      return { ...head, body: new Uint8Array(0) }
    },
    close: () => Promise.resolve(),
  }
  return { target, config, client, relabeler: compileRelabelConfigs(config.metricRelabelConfigs), originId: 'j/h:1' }
}

/** What a scrape let the outside see. */
interface Seen {
  readonly seen: readonly string[]
  readonly lastFailedBody: TargetStatus['lastFailedBody']
}

/** Whether a page that was read as it arrived shows the same of a faulty body: less of what was in front of the fault, perhaps. */
function showsTheSame(found: Seen['lastFailedBody'], expected: Seen['lastFailedBody']): boolean {
  if (found?.firstLine === undefined || expected === undefined) return JSON.stringify(found) === JSON.stringify(expected)
  const linesBefore = expected.text.slice(0, expected.text.indexOf(found.text))
  const firstLine = (expected.firstLine ?? 1) + linesBefore.split('\n').length - 1
  return (
    expected.text.includes(found.text) && found.line === expected.line && found.column === expected.column && firstLine === found.firstLine
  )
}

/** A scraper, and everything that it let the outside see. */
function createSubject(settings: TargetSettings, paths: { readonly fastPath: boolean; readonly webAssembly: boolean }) {
  const seen: string[] = []
  const log = (level: string) => (_facts: object, message: string) => void seen.push(`${level} ${message}`)
  const scraper = new TargetScraper(settings, {
    clock: { nowMs: () => startMs, monotonicMs: () => 0, schedule: () => () => {} } satisfies Clock,
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    instruments: {
      scrapes: (result) => void seen.push(result),
      skipped: (count) => void seen.push(`skipped ${count}`),
      droppedSamples: (reason, count) => void seen.push(`${reason} ${count}`),
    },
    ...paths,
  })
  return {
    scraper,
    /** One scrape; returns the batch's columns, one text each, what was logged and counted, and the status. */
    async scrape(timestampMs: number, isStored: boolean): Promise<Seen> {
      seen.length = 0
      const columns: string[] = []
      await scraper.scrape(
        timestampMs,
        (batch) => {
          // The warm path knows it of its pages; of the plain one every label is read.
          const lists = new Set(batch.columns.map(({ series }) => series))
          const disjoint = lists.size === batch.columns.length && areDisjoint(lists)
          columns.push(...columnsOf(batch), `each series once: ${disjoint}`)
          return isStored ? Promise.resolve({ status: 'spooled' }) : Promise.reject(new Error('full'))
        },
        signal,
      )
      const { lastFailedBody, ...status } = scraper.status()
      return { seen: [...columns, ...seen, JSON.stringify(status)], lastFailedBody }
    },
  }
}

function columnsOf(batch: Batch): string[] {
  return batch.columns.map((columns) => {
    if (columns.kind !== 'samples') throw new Error(`${columns.kind} of text`)
    const rows = Array.from(columns.values, (value, i) => {
      const { labels, metadata } = columns.series.at(i)
      const text = Object.is(value, -0) ? '-0' : String(value)
      const series = `${Buffer.from(labels.bytes).toString('latin1')} ${metadata.name} ${metadata.type} ${metadata.help}`
      return `${series} ${text} ${timestampAt(columns, i)} ${staleAt(columns, i)}`
    })
    const perRow = typeof columns.timestampMs === 'number' ? '' : ' with timestamps'
    return `${columns.series.length}${columns.series.automatic === true ? ' automatic' : ''}${perRow}\n${rows.join('\n')}`
  })
}

/** Drives both paths with the pages of a seed. */
async function compareSeed(seed: number, pages: number): Promise<void> {
  const random = new Random(seed)
  const served: Served = { body: new Uint8Array(0), pieces: [], status: 200 }
  const cuts = new Random(seed)
  let config = randomConfig(random)
  const warm = createSubject(settingsOf(config, served), { fastPath: true, webAssembly: seed % 2 === 0 })
  const plain = createSubject(settingsOf(config, served), { fastPath: false, webAssembly: false })
  let nowMs = startMs
  const generator = new RandomPages(random, () => nowMs)
  for (let page = 0; page < pages; page++) {
    nowMs += 1000
    const text = generator.next()
    served.body = encodeUtf8(text)
    if (random.chance(0.02)) served.body[random.below(served.body.length + 1)] = 0xff
    served.status = random.chance(0.03) ? 503 : 200
    served.pieces = cutBody(served.body, cuts)
    const isStored = random.chance(0.95)
    if (random.chance(0.03)) {
      config = random.chance(0.5) ? config : randomConfig(random)
      for (const { scraper } of [warm, plain]) scraper.update(settingsOf(config, served))
    }
    const expected = await plain.scrape(nowMs, isStored)
    const found = await warm.scrape(nowMs, isStored)
    if (found.seen.join('\n') !== expected.seen.join('\n') || !showsTheSame(found.lastFailedBody, expected.lastFailedBody))
      expect({ seed, page, text, config, found }).toEqual({ seed, page, text, config, found: expected })
  }
}

test(`the warm path and the plain one see the same in ${pageCount} pages`, { timeout: 0 }, async () => {
  const last = firstSeed + Math.ceil(pageCount / pagesPerSeed)
  for (let seed = firstSeed; seed < last; seed++) await compareSeed(seed, pagesPerSeed)
})
