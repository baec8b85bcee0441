import { compareCodePoints } from '../model/bytes.js'
import { withoutTrailingBackslashes } from './influx-line.js'

/** Names that InfluxDB keeps for itself: 1.x refuses `time`, 2.x all three. */
export const reservedNames: ReadonlySet<string> = new Set(['time', '_field', '_measurement'])

/** A backslash that InfluxDB would take together with the one that escapes what follows. */
const eatenBackslash = /\\(?=[ ,=])/g

/** That, and control characters. */
const unwritable = new RegExp(`[\\t\\n\\f\\r]|${eatenBackslash.source}`, 'g')

/** What none of these is without: most names have no such character, and cost one look. */
const special = /[\t\n\f\r\\]/

type Named<T> = readonly (readonly [name: string, value: T])[]

const noNames: ReadonlySet<string> = new Set()

/** Prometheus' own prefix for a label that had to make room. */
const prefix = 'exported_'

/**
 * Names of tags or fields that InfluxDB accepts as they stand: a reserved name gets the prefix `exported_`; line protocol cannot hold
 * control characters, nor a backslash before what it escapes, which become `_`, nor backslashes at the end, which go. Names stay
 * distinct, and sorted.
 *
 * @param others names that these must not have either
 */
export function influxNames<T>(pairs: Named<T>, others: ReadonlySet<string> = noNames): Named<T> {
  const makesRoom = (name: string): boolean => isHazard(name) || others.has(name)
  if (!pairs.some(([name]) => makesRoom(name))) return pairs
  const taken = new Set<string>(others)
  for (const [name] of pairs) if (!makesRoom(name)) taken.add(name)
  const safe = pairs.map(([name, value]): readonly [string, T] => {
    if (!makesRoom(name)) return [name, value]
    let changed = withoutTrailingBackslashes(name.replaceAll(unwritable, '_')) || '_'
    while (reservedNames.has(changed) || taken.has(changed)) changed = prefix + changed
    taken.add(changed)
    return [changed, value]
  })
  return safe.sort((a, b) => compareCodePoints(a[0], b[0]))
}

/** A measurement that InfluxDB reads as it stands: a backslash before what it escapes becomes `_`, as in names. */
export function influxMeasurement(name: string): string {
  return name.replaceAll(eatenBackslash, '_')
}

function isHazard(name: string): boolean {
  return reservedNames.has(name) || (special.test(name) && (name.endsWith('\\') || name.search(unwritable) >= 0))
}
