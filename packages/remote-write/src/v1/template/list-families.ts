import { type FamilyRun, PackedSeriesList, packedOf, type SeriesList } from '@promline/core'

/** Of lists that are not packed, by identity: the same object comes scrape after scrape. */
const byList = new WeakMap<SeriesList, readonly FamilyRun[]>()

/** The families of a list, in the order of its series: the same array each time. */
export function familiesOf(list: SeriesList): readonly FamilyRun[] {
  if (list instanceof PackedSeriesList) return list.families
  const known = byList.get(list)
  if (known !== undefined) return known
  const { families } = packedOf(list)
  byList.set(list, families)
  return families
}
