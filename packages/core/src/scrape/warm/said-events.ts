import { type FamilyEvent, firstEventOf, lastNameOf } from './family-events.js'

/** What is said of families in the lines that are being gathered. */
export class SaidEvents {
  #events: FamilyEvent[] = []

  get all(): readonly FamilyEvent[] {
    return this.#events
  }

  /** A name that goes on is no event: otherwise they would become more with each page. */
  add(event: FamilyEvent, line: number): void {
    const last = this.#events.at(-1)
    if (event.kind === 'name' && last?.kind === 'name') {
      if (last.name === event.name && last.metadata === event.metadata) return
      if (last.line === line) this.#events.pop()
    }
    this.#events.push(event.line === line ? event : { ...event, line })
  }

  /** What some lines of a segment say, which come from line `line` on: it begins with the name of the first. */
  addRun(events: readonly FamilyEvent[], { from, to }: { readonly from: number; readonly to: number }, line: number): void {
    const first = firstEventOf(events, from)
    // Comments are always followed by a name.
    const name = events[first]?.line === from ? undefined : lastNameOf(events, first)
    if (name !== undefined) this.add(name, line)
    for (let i = first; i < events.length && events[i]!.line < to; i++) this.add(events[i]!, line + events[i]!.line - from)
  }

  clear(): void {
    this.#events = []
  }

  /** All of them; none are left. */
  take(): readonly FamilyEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  /** Those of lines in front of `line`. The others stay, as of line 0, and begin with the name that holds there. */
  takeBefore(line: number): readonly FamilyEvent[] {
    const count = firstEventOf(this.#events, line)
    const taken = this.#events.slice(0, count)
    const later = this.#events.slice(count)
    // Every segment says the name that its first line has.
    const name = later.some(({ kind }) => kind === 'name') ? undefined : lastNameOf(taken, taken.length)
    this.#events = [...(name === undefined ? [] : [name]), ...later].map((event) => ({ ...event, line: 0 }))
    return taken
  }
}
