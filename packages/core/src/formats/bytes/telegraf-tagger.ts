import { metricNameLabel } from '../../model/labels.js'
import { type CommonTags, exportedPrefix } from '../telegraf-tags.js'
import { type ByteRange, equalRanges, rangeIsAt, rangeOf } from '../../model/byte-range.js'
import type { ByteTag, ByteTags } from './byte-tags.js'
import type { LabelCursor } from './label-cursor.js'

const metricName = rangeOf(metricNameLabel)
const exported = rangeOf(exportedPrefix)
const exportedFirst = exported.bytes[0]

/** The tags of series, as `telegrafTags` makes them, sorted by name. */
export class TelegrafTagger {
  readonly #target: readonly ByteTag[]
  readonly #url: ByteTag | undefined
  readonly #host: ByteTag | undefined
  /** Labels of the target that stand in the series. */
  readonly #met: ByteTag[] = []

  constructor({ urlTag, url, host, target }: CommonTags) {
    this.#target = Array.from(target, ([name, value]) => tagOf(name, value))
    this.#url = urlTag === '' || url === '' ? undefined : tagOf(urlTag, url)
    this.#host = host === '' ? undefined : tagOf('host', host)
  }

  /** @param without a label that is no tag */
  read(labels: LabelCursor, tags: ByteTags, without: ByteRange | undefined): void {
    const met = this.#met
    let hasExported = false
    met.length = 0
    tags.clear()
    while (labels.next()) {
      const { name } = labels
      const ofTarget = this.#ofTarget(name)
      if (ofTarget !== undefined) met.push(ofTarget)
      if (equalRanges(name, metricName) || (without !== undefined && equalRanges(name, without))) continue
      if (ofTarget !== undefined && equalRanges(ofTarget.value, labels.value)) continue
      tags.push(labels)
      if (name.bytes[name.start] === exportedFirst) hasExported ||= hasPrefixAt(name, name.start)
    }
    if (hasExported) for (const { name } of met) restoreExported(tags, name)
    if (this.#url !== undefined) tags.set(this.#url)
    if (this.#host !== undefined && tags.find(this.#host.name) < 0) tags.insert(this.#host)
  }

  #ofTarget(name: ByteRange): ByteTag | undefined {
    const target = this.#target
    const length = name.end - name.start
    for (let i = 0; i < target.length; i++) {
      const tag = target[i]!
      if (tag.name.end === length && equalRanges(tag.name, name)) return tag
    }
    return undefined
  }
}

function tagOf(name: string, value: string): ByteTag {
  return { name: rangeOf(name), value: rangeOf(value) }
}

/** Undoes the scraper's renaming: of `exported_x`, `exported_exported_x` and so on, as far as they go, the longest is `x` again. */
function restoreExported(tags: ByteTags, name: ByteRange): void {
  if (tags.find(name) >= 0) return
  let longest = -1
  let prefixes = 0
  for (let at = findExported(tags, name, 1); at >= 0; at = findExported(tags, name, prefixes + 1)) {
    longest = at
    prefixes++
  }
  if (longest >= 0) tags.shortenName(longest, prefixes * exported.end)
}

function findExported(tags: ByteTags, name: ByteRange, prefixes: number): number {
  for (let i = 0; i < tags.length; i++) if (isExported(tags.at(i).name, name, prefixes)) return i
  return -1
}

/** Whether a name is another one with so many prefixes. */
function isExported(text: ByteRange, name: ByteRange, prefixes: number): boolean {
  const { start, end } = text
  const nameStart = start + prefixes * exported.end
  if (end - nameStart !== name.end - name.start) return false
  for (let at = start; at < nameStart; at += exported.end) if (!hasPrefixAt(text, at)) return false
  return rangeIsAt(text.view, nameStart, name)
}

function hasPrefixAt({ view, end }: ByteRange, at: number): boolean {
  return end - at >= exported.end && rangeIsAt(view, at, exported)
}
