import type { Origin } from '../model/batch.js'
import { encodeUtf8, hashBytes } from '../model/bytes.js'

/**
 * The lane of an origin. All of a tenant goes through one lane, so that a tenant that is blocked holds up one lane and not all; what has
 * no tenant is spread by its origin.
 */
export function laneOf(origin: Origin, lanes: number): number {
  if (lanes === 1) return 0
  const key = origin.tenant === undefined ? `origin ${origin.kind} ${origin.id}` : `tenant ${origin.tenant}`
  const hash = hashBytes(encodeUtf8(key))
  // FNV-1a is weak in its low bits for keys that differ at the end only: fold the high ones in.
  return ((hash ^ (hash >>> 16)) >>> 0) % lanes
}
