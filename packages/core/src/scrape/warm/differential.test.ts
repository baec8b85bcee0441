import { expect, test } from 'vitest'
import type { HttpClient } from '../../http/client-options.js'
import { type Batch, staleAt, timestampAt } from '../../model/batch.js'
import { encodeUtf8 } from '../../model/bytes.js'
import type { Clock } from '../../model/clock.js'
import type { RelabelConfig } from '../../relabel/relabel-config.js'
import { compileRelabelConfigs } from '../../relabel/relabeler.js'
import type { ScrapeConfigInput } from '../scrape-config.js'
import { createTarget, discoverTargets } from '../target.js'
import { TargetScraper, type TargetSettings } from '../target-scraper.js'
import { validateScrapeConfig } from '../validate-scrape-config.js'
import { Random, RandomPages } from './random-pages.test.helper.js'

/** Pages in the suite; as many as one likes by the environment, from any seed on. */
const pageCount = Number(process.env['PROMLINE_DIFFERENTIAL_PAGES'] ?? 3000)
const firstSeed = Number(process.env['PROMLINE_DIFFERENTIAL_SEED'] ?? 1)
const pagesPerSeed = 15

const startMs = 1_704_067_200_000
const { signal } = new AbortController()

/** What a page is served with. */
interface Served {
  body: Uint8Array
  status: number
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
    request: () => Promise.resolve({ ...served, headers: { 'content-type': 'text/plain' } }),
    close: () => Promise.resolve(),
  }
  return { target, config, client, relabeler: compileRelabelConfigs(config.metricRelabelConfigs), originId: 'j/h:1' }
}

/** A scraper, and everything that it let the outside see. */
function createSubject(settings: TargetSettings, fastPath: boolean) {
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
    fastPath,
  })
  return {
    scraper,
    /** One scrape; returns the batch's columns, one text each, what was logged and counted, and the status. */
    async scrape(timestampMs: number, isStored: boolean): Promise<string[]> {
      seen.length = 0
      const columns: string[] = []
      await scraper.scrape(
        timestampMs,
        (batch) => {
          columns.push(...columnsOf(batch))
          return isStored ? Promise.resolve({ status: 'spooled' }) : Promise.reject(new Error('full'))
        },
        signal,
      )
      return [...columns, ...seen, JSON.stringify(scraper.status())]
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
  const served: Served = { body: new Uint8Array(0), status: 200 }
  let config = randomConfig(random)
  const warm = createSubject(settingsOf(config, served), true)
  const plain = createSubject(settingsOf(config, served), false)
  let nowMs = startMs
  const generator = new RandomPages(random, () => nowMs)
  for (let page = 0; page < pages; page++) {
    nowMs += 1000
    const text = generator.next()
    served.body = encodeUtf8(text)
    if (random.chance(0.02)) served.body[random.below(served.body.length + 1)] = 0xff
    served.status = random.chance(0.03) ? 503 : 200
    const isStored = random.chance(0.95)
    if (random.chance(0.03)) {
      config = random.chance(0.5) ? config : randomConfig(random)
      for (const { scraper } of [warm, plain]) scraper.update(settingsOf(config, served))
    }
    const expected = await plain.scrape(nowMs, isStored)
    const found = await warm.scrape(nowMs, isStored)
    if (found.join('\n') !== expected.join('\n'))
      expect({ seed, page, text, config, found }).toEqual({ seed, page, text, config, found: expected })
  }
}

test(`the warm path and the plain one see the same in ${pageCount} pages`, { timeout: 0 }, async () => {
  const last = firstSeed + Math.ceil(pageCount / pagesPerSeed)
  for (let seed = firstSeed; seed < last; seed++) await compareSeed(seed, pagesPerSeed)
})
