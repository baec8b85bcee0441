import { decodeUtf8 } from '../../model/bytes.js'
import type { MetadataTable, MetricMetadata, MetricType } from '../../model/metadata.js'
import { Cursor } from '../../text/cursor.js'
import type { Family } from '../../text/family-table.js'
import { parseLine } from '../../text/parse-line.js'
import { createParserState, type ParserState } from '../../text/parser-state.js'
import type { TextEntry } from '../../text/text-entry.js'
import { applyEvent, type FamilyEvent, firstEventOf, lastNameOf, lastTypeOf, RecordedFamilies } from './family-events.js'
import type { SegmentContent } from './known-segment.js'

export interface LineReaderOptions {
  readonly metadata: MetadataTable
  /** What the page has said of families so far. */
  readonly history: () => Iterable<readonly FamilyEvent[]>
  /** Is told what the page says of families in lines that are read or recalled one by one. */
  readonly onEvent: (event: FamilyEvent) => void
}

/** What a line depends on. */
type Lines = Pick<SegmentContent, 'events' | 'typeBefore' | 'checks'>

/**
 * The plain parser for single lines of a page that is otherwise known. What a line means depends on what the page has said of families
 * before it, so that is kept up with: read from lines, or taken over from segments.
 */
export class LineReader {
  readonly #options: LineReaderOptions
  #parser: ParserState
  #families: RecordedFamilies
  /** The known line that is expected to be followed next, what it depends on there, and what holds. */
  #segment: Lines | undefined
  #place = 0
  #event = 0
  #type: MetricType = 'unknown'
  #metadata: MetricMetadata | undefined
  #family: Family | undefined
  /** That of the last sample, if it was read by other means. */
  #named: Family | undefined

  constructor(options: LineReaderOptions) {
    this.#options = options
    this.#families = new RecordedFamilies('prometheus', options.metadata)
    const state = createParserState(new Uint8Array(0), { mode: 'prometheus', metadata: options.metadata })
    this.#parser = { ...state, families: this.#families }
    this.#replay()
  }

  /** The type that holds: that of the last TYPE line. */
  get type(): MetricType {
    return this.#parser.lastType
  }

  /** Where in the window the value of the last sample begins. */
  get valueAt(): number {
    return this.#parser.valueAt
  }

  /** Goes on in another window of the body, which ends with a line or with the body. */
  open(window: Uint8Array): void {
    this.#parser = { ...this.#parser, cursor: new Cursor(window) }
  }

  /** Reads the line at `at`; returns where the next begins. Throws a ParseError. */
  read(at: number, onEntry: (entry: TextEntry) => void): number {
    this.#segment = undefined
    this.#named = undefined
    this.#parser.cursor.at = at
    parseLine(this.#parser, onEntry)
    return this.#parser.cursor.at
  }

  /** Whether the lines of a segment mean here what they meant before. If so, what they say of families is taken over. */
  agrees(segment: Lines): boolean {
    if (this.#parser.lastType !== segment.typeBefore) return false
    this.#segment = undefined
    this.#named = undefined
    this.#parser.lastFamily = undefined
    this.#families.onEvent = undefined
    let said = false
    for (const event of segment.checks) {
      const { metadata } = applyEvent(this.#families, event)
      if (event.kind !== 'name') {
        said = true
      } else if (metadata !== event.metadata) {
        // What was taken over is to be said again, line by line, so it must not have been said.
        if (said) this.#replay()
        this.#families.onEvent = this.#options.onEvent
        return false
      }
    }
    this.#parser.lastType = lastTypeOf(segment.checks, segment.typeBefore)
    this.#families.onEvent = this.#options.onEvent
    return true
  }

  /**
   * Of the lines of a segment from one place to another, exclusive, which the body repeats, how many mean here what they meant before.
   * What they say of families is taken over without telling of it; the line behind them must be read if there is one: it says again what
   * it said.
   */
  follow(segment: Lines, from: number, to: number): number {
    const { events } = segment
    this.#named = undefined
    this.#families.onEvent = undefined
    if (segment !== this.#segment || from !== this.#place) this.#enter(segment, from)
    let place = from
    while (place < to) {
      for (let event = events[this.#event]; event?.line === place; event = events[++this.#event]) this.#apply(event)
      if (this.#type !== this.#parser.lastType || this.#family?.metadata !== this.#metadata) break
      // Nothing changes up to the next event.
      place = Math.min(to, events[this.#event]?.line ?? to)
    }
    this.#place = place
    if (place < to) this.#segment = undefined
    this.#parser.lastFamily = undefined
    this.#families.onEvent = this.#options.onEvent
    return place - from
  }

  /** Whether a known line that stands here without the comments that were in front of it means what it meant before. */
  recall(segment: Lines, place: number): boolean {
    const { events, typeBefore } = segment
    const next = firstEventOf(events, place + 1)
    const name = lastNameOf(events, next)
    if (name === undefined || lastTypeOf(events, typeBefore, next) !== this.#parser.lastType) return false
    this.#segment = undefined
    this.#named = undefined
    this.#parser.lastFamily = undefined
    return this.#families.ofSample(name.name).metadata === name.metadata
  }

  /** What `metadataOf` said last, if that still holds for the same name: nothing else was read since. */
  get namedBefore(): MetricMetadata | undefined {
    return this.#named?.metadata
  }

  /** What the page has said of the family of a sample that is read by other means, whose name stands in `bytes`. */
  metadataOf(bytes: Uint8Array, start: number, end: number): MetricMetadata {
    this.#segment = undefined
    this.#parser.lastFamily = undefined
    this.#named = this.#families.ofSample(decodeUtf8(bytes, start, end))
    return this.#named.metadata
  }

  #apply(event: FamilyEvent): void {
    const family = applyEvent(this.#families, event)
    if (event.kind === 'name') {
      this.#family = family
      this.#metadata = event.metadata
    } else if (event.kind === 'type') this.#parser.lastType = this.#type = event.type
  }

  #enter(segment: Lines, place: number): void {
    const { events, typeBefore } = segment
    this.#segment = segment
    this.#event = firstEventOf(events, place)
    this.#type = lastTypeOf(events, typeBefore, this.#event)
    const name = lastNameOf(events, this.#event)
    // Comments are always followed by a name.
    if (name !== undefined && events[this.#event]?.line !== place) this.#apply(name)
  }

  /** Begins anew with the families, and with what the page has said of them. */
  #replay(): void {
    this.#families = new RecordedFamilies('prometheus', this.#options.metadata)
    let type: MetricType = 'unknown'
    for (const events of this.#options.history()) {
      for (const event of events) applyEvent(this.#families, event)
      type = lastTypeOf(events, type)
    }
    this.#families.onEvent = this.#options.onEvent
    this.#parser = { ...this.#parser, families: this.#families, lastType: type, lastFamily: undefined }
  }
}
