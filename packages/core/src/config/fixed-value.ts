import type { SectionParser } from './config-node.js'
import { notOfferedYet } from './yaml-node.js'

/** A key of which promline offers some values only, those that Prometheus has by default: anything else is refused by name. */
export function offersOnly(...words: readonly string[]): SectionParser<void> {
  return (node) => {
    if (!words.includes(node.string())) throw node.error(notOfferedYet)
  }
}

/** A switch that promline knows in its off position only. */
export const offersOnlyOff: SectionParser<void> = (node) => {
  if (node.boolean()) throw node.error(notOfferedYet)
}
