import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { encodeUtf8, type Logger, type MetricFamily, parseTextFamilies, toError } from '@promline/core'
import { type CollectOptions, createCollect } from '../registry/collect-registry.js'
import type { MetricRegistry } from '../registry/metric-registry.js'
import type { ExporterCounts } from './exporter-counts.js'
import { escapeFamilies } from './format/escape-families.js'
import { contentTypeOf, type ExpositionFormat, kindOfContentType, negotiateFormat } from './format/negotiate.js'
import { openMetricsToText } from './format/openmetrics-to-text.js'
import { serializeOpenMetrics } from './format/serialize-openmetrics.js'
import { serializeText } from './format/serialize-text.js'
import { textToOpenMetrics } from './format/text-to-openmetrics.js'

/** In threads of their own: a page of megabytes does not hold up the process. */
const compress = promisify(gzip)

/** A registry's page in one format, ready to be sent. */
export interface Exposition {
  readonly contentType: string
  readonly body: Uint8Array
  /** The body, compressed on the first call. */
  gzipped(): Promise<Uint8Array>
}

/** A registry as of one moment. */
export interface Gathering {
  /**
   * The page in this format, made on the first call; undefined: in the registry's own, with names that every client knows; `as-is`: as the
   * registry has it. A page that cannot be read is given as that.
   */
  expose(format: ExpositionFormat | 'as-is' | undefined): Exposition
}

/** What a gatherer needs. */
export interface GathererOptions extends CollectOptions {
  readonly logger: Logger
  readonly counts: ExporterCounts
}

/**
 * Gathers a registry; calls that come while a gathering is under way get the same one, so that ten scrapers at once cost as much as one.
 * Rejects with what a metric threw, or with a PromlineError (`timeout`) where a metric does not answer; that gathering is then given up,
 * and the next call begins another, unless eight of them have not ended (`unavailable`). A failure is logged and counted once, however many
 * wait for it.
 */
export function createGatherer(registry: MetricRegistry, options: GathererOptions): () => Promise<Gathering> {
  let current: Promise<Gathering> | undefined
  const collect = createCollect(registry, options)
  const gather = async (): Promise<Gathering> => {
    try {
      return new RegistryGathering(await collect(), registry.contentType, options)
    } catch (error) {
      // Whoever scrapes sees that it failed; why is for whoever runs the exporter.
      options.logger.error({ error }, 'The metrics could not be collected.')
      options.counts.countError('gathering')
      throw error
    }
  }
  return () => {
    current ??= gather().finally(() => {
      current = undefined
    })
    return current
  }
}

class RegistryGathering implements Gathering {
  readonly #page: string
  readonly #contentType: string
  readonly #options: GathererOptions
  readonly #expositions = new Map<string, Exposition>()
  #families: MetricFamily[] | undefined

  constructor(page: string, contentType: string, options: GathererOptions) {
    this.#page = page
    this.#contentType = contentType
    this.#options = options
  }

  expose(asked: ExpositionFormat | 'as-is' | undefined): Exposition {
    const format = asked ?? this.#ownFormat()
    const key = format === 'as-is' ? '' : contentTypeOf(format)
    let exposition = this.#expositions.get(key)
    if (exposition === undefined) {
      exposition = this.#translate(format)
      this.#expositions.set(key, exposition)
    }
    return exposition
  }

  #ownFormat(): ExpositionFormat | 'as-is' {
    return (quotedName.test(this.#page) && negotiateFormat(this.#contentType)) || 'as-is'
  }

  #translate(format: ExpositionFormat | 'as-is'): Exposition {
    const own = kindOfContentType(this.#contentType)
    if (format === 'as-is' || own === undefined) return expositionOf(this.#contentType, this.#page)
    const { kind, escaping = 'underscores' } = format
    const mayHaveOtherNames = escaping !== 'allow-utf-8' && quotedName.test(this.#page)
    try {
      if (kind === own && !mayHaveOtherNames) return expositionOf(contentTypeOf(format), this.#page)
      const text = own === 'text' ? this.#page : openMetricsToText(this.#page)
      if (kind === 'text' && !mayHaveOtherNames) return expositionOf(contentTypeOf(format), text)
      const common = kind === 'openmetrics' && !mayHaveOtherNames ? textToOpenMetrics(text) : undefined
      if (common !== undefined) return expositionOf(contentTypeOf(format), common)
      this.#families ??= parseTextFamilies(encodeUtf8(text), { mode: 'prometheus' })
      const { families, dropped } = escapeFamilies(this.#families, escaping)
      if (dropped.length > 0) this.#reportDropped(dropped, format)
      const serialize = kind === 'text' ? serializeText : serializeOpenMetrics
      return expositionOf(contentTypeOf(format), serialize(families))
    } catch (thrown) {
      const error = toError(thrown)
      this.#options.counts.countError('encoding')
      const message = `The metrics could not be read, and are exposed as the registry has them: ${error.message}`
      this.#options.logger.warn({ error, asked: contentTypeOf(format), contentType: this.#contentType }, message)
      return expositionOf(this.#contentType, this.#page)
    }
  }

  #reportDropped(dropped: readonly string[], format: ExpositionFormat): void {
    this.#options.counts.countError('encoding')
    const { escaping = 'underscores' } = format
    const more = dropped.length > maxListed ? `, and ${dropped.length - maxListed} more` : ''
    const list = `${dropped.slice(0, maxListed).join(', ')}${more}`
    const message = `Names become one where they are escaped by ${escaping}, and some metrics are left out: ${list}.`
    this.#options.logger.warn({ asked: contentTypeOf(format), contentType: this.#contentType }, message)
  }
}

/** A line of a log is to be read. */
const maxListed = 5

/** A name in quotes: it has characters that not every client knows. In rare cases it is a label's value, and the page is read for nothing. */
const quotedName = /[{,]\s*"|^# (?:HELP|TYPE) "/m

function expositionOf(contentType: string, page: string): Exposition {
  const body = Buffer.from(page)
  let compressed: Promise<Uint8Array> | undefined
  return {
    contentType,
    body,
    gzipped: () => {
      compressed ??= compress(body)
      return compressed
    },
  }
}
