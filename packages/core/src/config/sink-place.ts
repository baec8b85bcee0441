import type { SectionParser } from './config-node.js'

/** What the entry of a sink may say of its place in the spool, as in `SinkSetup`; what it does not say is the pipeline's default. */
export interface SinkPlace {
  readonly overflow?: 'block' | 'drop-oldest'
  readonly start?: 'end' | 'beginning'
}

/** Parsers of the keys `overflow` and `start`, for the entries of any sink; for `remote_write` as `remoteWriteKeys` of `loadConfig`. */
export const sinkPlaceParsers: {
  readonly overflow: SectionParser<'block' | 'drop-oldest'>
  readonly start: SectionParser<'end' | 'beginning'>
} = {
  overflow: (node) => node.choice(['block', 'drop-oldest']),
  start: (node) => node.choice(['end', 'beginning']),
}

/** The part of an entry that says it, as a `SinkSetup` takes it. */
export function sinkPlaceOf({ overflow, start }: SinkPlace): SinkPlace {
  return { ...(overflow !== undefined && { overflow }), ...(start !== undefined && { start }) }
}
