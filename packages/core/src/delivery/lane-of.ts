import type { Origin } from '../model/batch.js'

/**
 * The lane of an origin. All of a tenant goes through one lane, so that a tenant that is blocked holds up one lane and not all; what has
 * no tenant is spread by its origin. Acknowledgements on disk are by lane, so this function must never change for a number of lanes.
 */
export function laneOf(origin: Origin, lanes: number): number {
  if (lanes === 1) return 0
  const hash = origin.tenant === undefined ? hashText(hashText(0x811c9dc5, origin.kind), origin.id) : hashText(0x811c9dc5, origin.tenant)
  // FNV-1a is weak in its low bits for keys that differ at the end only: fold the high ones in.
  return ((hash ^ (hash >>> 16)) >>> 0) % lanes
}

/** FNV-1a over UTF-16 units, with a NUL at the end: no bytes are made, for this runs several times a batch. */
function hashText(seed: number, text: string): number {
  let hash = seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return Math.imul(hash, 0x01000193)
}
