import type { MetricType } from '../model/metadata.js'
import { Cursor } from './cursor.js'
import { type Family, FamilyTable } from './family-table.js'
import { LabelScratch } from './label-scratch.js'
import type { ParseTextOptions } from './text-entry.js'

/** What the parts of the parser share while they read one body. */
export interface ParserState {
  readonly cursor: Cursor
  readonly strict: boolean
  readonly families: FamilyTable
  readonly labels: LabelScratch
  /** The type of the last TYPE line: what Prometheus' scraper goes by when it normalises `le` and `quantile`. */
  lastType: MetricType
  /** The family of the last sample and the bytes of that sample's name: the next line most often has the same. */
  lastFamily: Family | undefined
  lastName: Uint8Array
  /** Where in the body the value of the last sample begins. */
  valueAt: number
}

export function createParserState(body: Uint8Array, options: ParseTextOptions): ParserState {
  return {
    cursor: new Cursor(body),
    strict: options.mode === 'strict',
    families: new FamilyTable(options.mode, options.metadata),
    labels: new LabelScratch(),
    lastType: 'unknown',
    lastFamily: undefined,
    lastName: new Uint8Array(0),
    valueAt: 0,
  }
}
