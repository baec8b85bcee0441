/** An entry comes again when the columns that refer to it have taken this many times its bytes: repetition costs a sixteenth at most. */
const repeatAfter = 16

/** What stands in a segment's dictionary and may come again: an origin, or a list with all its series and their metadata. */
export interface Entry {
  readonly id: number
  /** What it takes to write all of it. */
  bytes: number
  /** Bytes of the columns that referred to it since it was written last. */
  columnBytes: number
}

/** Whether an entry is to come again. By their ids some wait up to twice as long, so that those of one scrape do not come all at once. */
export function isDue(entry: Entry): boolean {
  return entry.columnBytes >= (repeatAfter + (entry.id % repeatAfter)) * entry.bytes
}
