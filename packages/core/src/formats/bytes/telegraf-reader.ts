import { writeVarint } from '../../model/bytes.js'
import { metricNameLabel } from '../../model/labels.js'
import type { PackedSeriesList } from '../../model/packed-series-list.js'
import { namelessMeasurement } from '../telegraf-role.js'
import { type ByteRange, equalRanges, rangeOf } from '../../model/byte-range.js'
import { ByteTags } from './byte-tags.js'
import type { ByteText } from './byte-text.js'
import type { RowParts } from './frame-writer.js'
import { LabelCursor } from './label-cursor.js'
import type { SeriesReader } from './series-reader.js'
import { type BoundTexts, bucketLabel, quantileLabel, type TelegrafFamily, telegrafFamily } from './telegraf-family.js'
import type { TelegrafTagger } from './telegraf-tagger.js'

const metricName = rangeOf(metricNameLabel)
const nameless = rangeOf(namelessMeasurement)
const version2Measurement = rangeOf('prometheus')
const noText = rangeOf('')
const fields = {
  counter: rangeOf('counter'),
  gauge: rangeOf('gauge'),
  value: rangeOf('value'),
  count: rangeOf('count'),
  sum: rangeOf('sum'),
}
/** A length below 2^32. */
const maxVarintBytes = 5

export interface TelegrafReaderOptions {
  readonly metricVersion: 1 | 2
  readonly tagger: TelegrafTagger
  readonly bounds: BoundTexts
}

/** Telegraf's rows, as `telegrafRows` makes them. */
export class TelegrafReader implements SeriesReader {
  isSingle = true
  isShared = false
  field: ByteRange = noText
  readonly #list: PackedSeriesList
  readonly #options: TelegrafReaderOptions
  readonly #labels: LabelCursor
  readonly #tags = new ByteTags()
  readonly #nameLabel: ByteRange
  /** Labels that stand together. */
  readonly #labelRun: ByteRange
  #name: ByteRange = nameless
  #start = 0
  #end = 0
  /** The run of the series, and what is known of it. */
  #run = -1
  #runStart = 0
  #runEnd = 0
  #family: TelegrafFamily | undefined
  #runField: ByteRange = noText
  /** Where the series is a part of a histogram or summary: its family, and the bound of a bucket or quantile. */
  #partOf: TelegrafFamily | undefined
  #bound: ByteRange | undefined

  constructor(list: PackedSeriesList, options: TelegrafReaderOptions) {
    this.#list = list
    this.#options = options
    this.#labels = new LabelCursor(list.bytes)
    this.#nameLabel = { ...this.#labels.value }
    this.#labelRun = { ...this.#labels.value }
  }

  aloneUntil(i: number): number {
    this.#turnToRun(i)
    return this.#family === undefined ? this.#runEnd : i
  }

  turnTo(i: number): void {
    this.#turnToRun(i)
    this.#start = this.#list.startOf(i)
    this.#end = this.#list.ends[i]!
    this.#readName()
    this.#partOf = undefined
    this.#bound = undefined
    const { metricVersion } = this.#options
    this.field = metricVersion === 1 ? this.#runField : this.#name
    if (this.#family !== undefined) this.#readPart(this.#family)
    this.isSingle = this.#partOf === undefined
    this.isShared = !this.isSingle && (metricVersion === 1 || this.#bound === undefined)
  }

  parts(): RowParts {
    const tags = this.#tags
    const { metricVersion, tagger } = this.#options
    this.#labels.turnTo(this.#start, this.#end)
    tagger.read(this.#labels, tags, this.#partOf?.label)
    if (metricVersion === 1) return { measurement: this.#partOf?.name ?? this.#name, tags }
    if (this.#partOf !== undefined && this.#bound !== undefined) tags.insert({ name: this.#partOf.label, value: this.#bound })
    return { measurement: version2Measurement, tags }
  }

  writeGroup(to: ByteText): void {
    if (this.#partOf !== undefined) this.#writeKey(to, [metricName, this.#partOf.label])
  }

  writeKey(to: ByteText): void {
    this.#writeKey(to, [metricName, bucketLabel, quantileLabel])
  }

  #turnToRun(i: number): void {
    if (i < this.#runEnd && i >= this.#runStart) return
    const { families } = this.#list
    if (i < this.#runStart) this.#run = -1
    let end = this.#run < 0 ? 0 : this.#runEnd
    let start = end
    while (i >= end) {
      this.#run++
      start = end
      end = families[this.#run]!.end
    }
    this.#runStart = start
    this.#runEnd = end
    const { metadata } = families[this.#run]!
    this.#family = telegrafFamily(metadata)
    this.#runField = metadata.type === 'counter' ? fields.counter : metadata.type === 'gauge' ? fields.gauge : fields.value
  }

  #readName(): void {
    const labels = this.#labels
    labels.turnTo(this.#start, this.#end)
    this.#name = nameless
    while (labels.next()) {
      if (!equalRanges(labels.name, metricName)) continue
      this.#name = this.#nameLabel
      this.#name.start = labels.value.start
      this.#name.end = labels.value.end
      return
    }
  }

  #readPart(family: TelegrafFamily): void {
    const inVersion1 = this.#options.metricVersion === 1
    if (equalRanges(this.#name, family.count)) this.#setPart(family, inVersion1 ? fields.count : family.count)
    else if (equalRanges(this.#name, family.sum)) this.#setPart(family, inVersion1 ? fields.sum : family.sum)
    else if (equalRanges(this.#name, family.bound)) {
      this.#bound = this.#readBound(family)
      if (this.#bound !== undefined) this.#setPart(family, inVersion1 ? this.#bound : family.bound)
    }
  }

  #setPart(family: TelegrafFamily, field: ByteRange): void {
    this.#partOf = family
    this.field = field
  }

  #readBound({ label }: TelegrafFamily): ByteRange | undefined {
    const labels = this.#labels
    labels.turnTo(this.#start, this.#end)
    while (labels.next()) if (equalRanges(labels.name, label)) return this.#options.bounds.find(labels.value)
    return undefined
  }

  /** The family and the labels in their canonical encoding, as `seriesKey` and `groupKey`. */
  #writeKey(to: ByteText, without: readonly ByteRange[]): void {
    const family = this.#partOf?.name ?? this.#name
    to.reserve(maxVarintBytes)
    to.at = writeVarint(to.bytes, to.at, family.end - family.start)
    to.write(family)
    const labels = this.#labels
    const run = this.#labelRun
    labels.turnTo(this.#start, this.#end)
    run.start = this.#start
    while (labels.next()) {
      if (!isOneOf(labels.name, without)) continue
      run.end = labels.encoding.start
      to.write(run)
      run.start = labels.encoding.end
    }
    run.end = this.#end
    to.write(run)
  }
}

function isOneOf(name: ByteRange, names: readonly ByteRange[]): boolean {
  for (let i = 0; i < names.length; i++) if (equalRanges(names[i]!, name)) return true
  return false
}
