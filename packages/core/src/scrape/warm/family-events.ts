import type { MetricMetadata, MetricType } from '../../model/metadata.js'
import { type Family, FamilyTable } from '../../text/family-table.js'

/** What a line of a segment says of families; `line` is its place among the lines of the segment, whose comments come before it. */
export type FamilyEvent =
  | { readonly line: number; readonly kind: 'help'; readonly name: string; readonly help: string }
  | { readonly line: number; readonly kind: 'type'; readonly name: string; readonly type: MetricType }
  /** From here on the samples have this name, which then belonged to a family of this metadata. */
  | { readonly line: number; readonly kind: 'name'; readonly name: string; readonly metadata: MetricMetadata }

/** The families of a page, which writes down what happens to them. */
export class RecordedFamilies extends FamilyTable {
  /** Is told of each event; its line is for the owner to say. */
  onEvent: ((event: FamilyEvent) => void) | undefined

  override ofSample(name: string): Family {
    const family = super.ofSample(name)
    const { metadata } = family
    this.onEvent?.({ line: 0, kind: 'name', name: name === metadata.name ? metadata.name : name, metadata })
    return family
  }

  override setHelp(family: Family, help: string): void {
    super.setHelp(family, help)
    // The table's own strings: those of the page would stay beside them.
    const { metadata } = family
    this.onEvent?.({ line: 0, kind: 'help', name: metadata.name, help: metadata.help })
  }

  override setType(family: Family, type: MetricType): void {
    super.setType(family, type)
    this.onEvent?.({ line: 0, kind: 'type', name: family.metadata.name, type })
  }
}

/** Does to a table what an event did. Returns the family. */
export function applyEvent(families: FamilyTable, event: FamilyEvent): Family {
  if (event.kind === 'name') return families.ofSample(event.name)
  const family = families.ofMetadata(event.name)
  if (event.kind === 'help') families.setHelp(family, event.help)
  else families.setType(family, event.type)
  return family
}

/** Leaves out names that come again before the next comment: until then they belong to the family that they belonged to. */
export function withoutRepeatedNames(events: readonly FamilyEvent[]): readonly FamilyEvent[] {
  const names = new Set<string>()
  const left = events.filter((event) => {
    if (event.kind !== 'name') names.clear()
    else if (names.has(event.name)) return false
    else names.add(event.name)
    return true
  })
  return left.length === events.length ? events : left
}

/** The type that the last TYPE line among these (the first `count` of them) said; `before` where there is none. */
export function lastTypeOf(events: readonly FamilyEvent[], before: MetricType, count: number = events.length): MetricType {
  for (let i = count - 1; i >= 0; i--) {
    const event = events[i]!
    if (event.kind === 'type') return event.type
  }
  return before
}

export type NameEvent = Extract<FamilyEvent, { kind: 'name' }>

/** The last name that was said among the first `count` events; undefined where none was. */
export function lastNameOf(events: readonly FamilyEvent[], count: number): NameEvent | undefined {
  for (let i = count - 1; i >= 0; i--) {
    const event = events[i]!
    if (event.kind === 'name') return event
  }
  return undefined
}

/** Whether two sequences say the same of the same lines. */
export function equalEvents(a: readonly FamilyEvent[], b: readonly FamilyEvent[]): boolean {
  return a.length === b.length && a.every((event, i) => equalEvent(event, b[i]!))
}

function equalEvent(a: FamilyEvent, b: FamilyEvent): boolean {
  if (a.line !== b.line || a.name !== b.name) return false
  if (a.kind === 'name') return b.kind === 'name' && a.metadata === b.metadata
  return a.kind === 'help' ? b.kind === 'help' && a.help === b.help : b.kind === 'type' && a.type === b.type
}

/** Index of the first event of line `line` or a later one. */
export function firstEventOf(events: readonly FamilyEvent[], line: number): number {
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (events[middle]!.line < line) low = middle + 1
    else high = middle
  }
  return low
}
