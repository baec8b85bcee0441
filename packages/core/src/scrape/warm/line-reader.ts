import type { MetadataTable, MetricType } from '../../model/metadata.js'
import type { Family } from '../../text/family-table.js'
import { parseLine } from '../../text/parse-text.js'
import { createParserState, type ParserState } from '../../text/parser-state.js'
import type { TextEntry } from '../../text/text-entry.js'
import { applyEvent, type FamilyEvent, firstEventOf, lastNameOf, lastTypeOf, RecordedFamilies } from './family-events.js'
import type { KnownSegment } from './known-segment.js'

export interface LineReaderOptions {
  readonly metadata: MetadataTable
  /** What the page has said of families so far. */
  readonly history: () => Iterable<readonly FamilyEvent[]>
  /** Is told what the page says of families in lines that are read or followed one by one. */
  readonly onEvent: (event: FamilyEvent) => void
}

/**
 * The plain parser for single lines of a page that is otherwise known. What a line means depends on what the page has said of families
 * before it, so that is kept up with: read from lines, or taken over from segments.
 */
export class LineReader {
  readonly #options: LineReaderOptions
  #parser: ParserState
  #families: RecordedFamilies
  /** The known line that is expected to be followed next, the type in force there, and the family of the samples. */
  #segment: KnownSegment | undefined
  #place = 0
  #event = 0
  #type: MetricType = 'unknown'
  #family: Family | undefined

  constructor(body: Uint8Array, options: LineReaderOptions) {
    this.#options = options
    this.#families = new RecordedFamilies('prometheus', options.metadata)
    this.#parser = { ...createParserState(body, { mode: 'prometheus', metadata: options.metadata }), families: this.#families }
    this.#replay()
  }

  /** Where in the body the value of the last sample begins. */
  get valueAt(): number {
    return this.#parser.valueAt
  }

  /** Reads the line at `at`; returns where the next begins. Throws a ParseError. */
  read(at: number, onEntry: (entry: TextEntry) => void): number {
    this.#segment = undefined
    this.#parser.cursor.at = at
    parseLine(this.#parser, onEntry)
    return this.#parser.cursor.at
  }

  /** Whether the lines of a segment mean here what they meant before. If so, what they say of families is taken over. */
  agrees(segment: KnownSegment): boolean {
    if (this.#parser.lastType !== segment.typeBefore) return false
    this.#leave()
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

  /** As `agrees`, for one line that the body repeats. Where it does not agree, the line must be read: what it says is said again then. */
  follow(segment: KnownSegment, place: number): boolean {
    if (segment !== this.#segment || place !== this.#place) this.#enter(segment, place)
    const { events, lines } = segment
    for (let event = events[this.#event]; event?.line === place; event = events[++this.#event]) {
      const family = applyEvent(this.#families, event)
      if (event.kind === 'name') this.#family = family
      else if (event.kind === 'type') this.#parser.lastType = this.#type = event.type
    }
    this.#place = place + 1
    this.#parser.lastFamily = undefined
    return this.#type === this.#parser.lastType && this.#family?.metadata === lines[place]!.metadata
  }

  /**
   * Of the lines from one place to another, exclusive, how many mean here what they meant before. What they say of families is taken over
   * without telling of it.
   */
  followAll(segment: KnownSegment, from: number, to: number): number {
    this.#families.onEvent = undefined
    let place = from
    while (place < to && this.follow(segment, place)) place++
    this.#families.onEvent = this.#options.onEvent
    return place - from
  }

  #enter(segment: KnownSegment, place: number): void {
    const { events } = segment
    this.#segment = segment
    this.#event = firstEventOf(events, place)
    const name = lastNameOf(events, this.#event)
    this.#type = typeAt(segment, this.#event)
    // Comments are always followed by a name.
    if (name !== undefined && events[this.#event]?.line !== place) this.#family = applyEvent(this.#families, name)
  }

  #leave(): void {
    this.#segment = undefined
    this.#parser.lastFamily = undefined
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

/** The type in force in front of an event of a segment. */
function typeAt({ events, typeBefore }: KnownSegment, event: number): MetricType {
  return lastTypeOf(events.slice(0, event), typeBefore)
}
