import type { ConfigNode } from './config-node.js'

/** Refuses more than one of several keys of a map, at the place of the second. */
export function assertOneOf(node: ConfigNode, keys: readonly string[]): void {
  const [first, second] = keys.filter((key) => !node.at(key).isEmpty)
  if (first !== undefined && second !== undefined) throw node.at(second).error(`${first} and ${second} exclude each other`)
}
