import { hashRange } from '../../model/byte-range.js'
import { equalBytes } from '../../model/bytes.js'
import type { FamilyRun } from '../../model/packed-series-list.js'
import type { KnownLines } from '../../text/fast/known-lines.js'
import { equalEvents, type FamilyEvent } from './family-events.js'

/** Below this many, looking for those that are gone is not worth it. */
const minSweep = 256
/** Of lines, only the last bytes are hashed: those that change on each page would cost too much. */
const hashedBytes = 256

/** What the segments of targets are made of: where many targets show the same lines, what does not differ is kept once. Held weakly. */
export class SharedParts {
  readonly #lines = new WeakTable<KnownLines>(equalLines)
  readonly #events = new WeakTable<readonly FamilyEvent[]>(equalEvents)
  readonly #families = new WeakTable<readonly FamilyRun[]>(equalRuns)

  /** The lines that are known already for equal ones. */
  lines(lines: KnownLines): KnownLines {
    const { bytes, view } = lines
    return this.#lines.intern(lines.count ^ hashRange(view, Math.max(0, bytes.length - hashedBytes), bytes.length), lines)
  }

  /** The events that are known already for equal ones. */
  events(events: readonly FamilyEvent[]): readonly FamilyEvent[] {
    let hash = events.length
    for (const { line, name } of events) hash = (Math.imul(hash, 31) + line + (name.length << 16)) | 0
    return this.#events.intern(hash, events)
  }

  /** The families of a list that are known already for equal ones. */
  families(families: readonly FamilyRun[]): readonly FamilyRun[] {
    let hash = families.length
    for (const { metadata, end } of families) hash = (Math.imul(hash, 31) + end + (metadata.name.length << 16)) | 0
    return this.#families.intern(hash, families)
  }
}

/** One value for each hash: what had the same hash before is found no longer, which costs little and hardly happens. */
class WeakTable<Value extends object> {
  readonly #equal: (a: Value, b: Value) => boolean
  readonly #entries = new Map<number, WeakRef<Value>>()
  #sweepAt = minSweep

  constructor(equal: (a: Value, b: Value) => boolean) {
    this.#equal = equal
  }

  intern(hash: number, value: Value): Value {
    const known = this.#entries.get(hash)?.deref()
    if (known !== undefined && this.#equal(known, value)) return known
    this.#entries.set(hash, new WeakRef(value))
    if (this.#entries.size > this.#sweepAt) this.#sweep()
    return value
  }

  #sweep(): void {
    for (const [hash, entry] of this.#entries) if (entry.deref() === undefined) this.#entries.delete(hash)
    this.#sweepAt = Math.max(minSweep, 2 * this.#entries.size)
  }
}

/** Targets that share their parts share the table of metadata. */
function equalRuns(a: readonly FamilyRun[], b: readonly FamilyRun[]): boolean {
  return a.length === b.length && a.every(({ metadata, end }, i) => metadata === b[i]!.metadata && end === b[i]!.end)
}

function equalLines(a: KnownLines, b: KnownLines): boolean {
  return a.count === b.count && equalBytes(a.bytes, b.bytes) && a.marks.every((mark, i) => mark === b.marks[i])
}
