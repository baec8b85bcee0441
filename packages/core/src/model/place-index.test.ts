import { expect, test } from 'vitest'
import { createRandom } from './testdata/random.js'
import { PlaceIndex } from './place-index.js'

/** All places with a hash. */
function placesOf(index: PlaceIndex, hash: number): number[] {
  const places: number[] = []
  for (let place = index.first(hash); place >= 0; place = index.next()) places.push(place)
  return places.sort((a, b) => a - b)
}

test('places are found by hash, whatever was added, moved and removed before', () => {
  const below = createRandom(1)
  const index = new PlaceIndex()
  const model = new Map<number, Set<number>>()
  // Few hashes, close to each other and at the very end, so that they collide and wrap around.
  const hashes = Array.from({ length: 40 }, (_, i) => (i < 20 ? 0xffffffff - i : i * 0x06000000) | 0)
  let next = 0
  for (let step = 0; step < 20_000; step++) {
    const hash = hashes[below(hashes.length)]!
    const places = model.get(hash) ?? new Set<number>()
    model.set(hash, places)
    const [known] = places
    const kind = below(10)
    if (known !== undefined && kind < 4) {
      index.remove(hash, known)
      places.delete(known)
    } else if (known !== undefined && kind === 4) {
      index.move(hash, known, next)
      places.delete(known)
      places.add(next++)
    } else if (kind === 5) index.remove(hash, next + 1)
    else if (kind === 6 && below(20) === 0) {
      const kept = below(3)
      index.retain((place) => place % 3 !== kept)
      for (const all of model.values()) for (const place of all) if (place % 3 === kept) all.delete(place)
    } else if (kind === 6) index.trim()
    else if (places.size < 30) {
      index.add(hash, next)
      places.add(next++)
    }
    if (step % 50 === 0) for (const one of hashes) expect(placesOf(index, one)).toEqual([...(model.get(one) ?? [])].sort((a, b) => a - b))
  }
  expect(index.size).toBe([...model.values()].reduce((sum, places) => sum + places.size, 0))
})

test('what is found can be replaced', () => {
  const index = new PlaceIndex()
  index.add(7, 1)
  index.first(7)
  index.replace(2)
  expect([placesOf(index, 7), placesOf(index, 8)]).toEqual([[2], []])
})
