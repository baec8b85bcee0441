import { compareCodePoints } from '../model/bytes.js'
import { withoutTrailingBackslashes } from './influx-line.js'

/** Names that InfluxDB keeps for itself: 1.x refuses `time`, 2.x all three. */
export const reservedNames: ReadonlySet<string> = new Set(['time', '_field', '_measurement'])

/** Control characters, and a backslash that InfluxDB would take together with the one that escapes what follows. */
const unwritable = /[\t\n\f\r]|\\(?=[ ,=])/g

/** What none of these is without: most names have no such character, and cost one look. */
const special = /[\t\n\f\r\\]/

/** Prometheus' own prefix for a label that had to make room. */
const prefix = 'exported_'

/**
 * Names of tags or fields that InfluxDB accepts as they stand: a reserved name gets the prefix `exported_`; line protocol cannot hold
 * control characters, nor a backslash before what it escapes, which become `_`, nor backslashes at the end, which go. Names stay
 * distinct, and sorted.
 */
export function influxNames<T>(pairs: readonly (readonly [name: string, value: T])[]): readonly (readonly [name: string, value: T])[] {
  if (!pairs.some(([name]) => isHazard(name))) return pairs
  const taken = new Set<string>()
  for (const [name] of pairs) if (!isHazard(name)) taken.add(name)
  const safe = pairs.map(([name, value]): readonly [string, T] => {
    if (!isHazard(name)) return [name, value]
    let changed = withoutTrailingBackslashes(name.replaceAll(unwritable, '_')) || '_'
    while (reservedNames.has(changed) || taken.has(changed)) changed = prefix + changed
    taken.add(changed)
    return [changed, value]
  })
  return safe.sort((a, b) => compareCodePoints(a[0], b[0]))
}

function isHazard(name: string): boolean {
  return reservedNames.has(name) || (special.test(name) && (name.endsWith('\\') || name.search(unwritable) >= 0))
}
