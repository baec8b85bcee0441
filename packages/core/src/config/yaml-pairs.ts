import { isMap, isNode, isScalar, isSeq, type YAMLMap } from 'yaml'
import type { ConfigError } from './config-error.js'
import type { YamlDocument } from './yaml-document.js'
import { textOf } from './yaml-scalar.js'

/** One entry of a map. */
export interface YamlPair {
  readonly key: string
  readonly value: unknown
  /** Where the key begins. */
  readonly offset: number
  /** Where the value begins; of an alias, where what it stands for begins. */
  readonly valueOffset: number
}

type Refuse = (offset: number, message: string) => ConfigError

/** The entries of a map. `<<` merges other maps in, as YAML 1.1 and Prometheus have it: a key of the map itself wins, then the first. */
export function pairsOf(map: YAMLMap, document: YamlDocument, refuse: Refuse): readonly YamlPair[] {
  const pairs = map.items.map(({ key, value }): YamlPair => {
    const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0
    const resolved = document.resolve(value)
    return {
      key: isScalar(key) ? textOf(key) : '',
      value,
      offset,
      valueOffset: isNode(resolved) ? (resolved.range?.[0] ?? offset) : offset,
    }
  })
  if (!pairs.some(isMerge)) return pairs
  const merged = new Map(pairs.filter((pair) => !isMerge(pair)).map((pair) => [pair.key, pair]))
  for (const { value, offset } of pairs.filter(isMerge)) {
    for (const source of sourcesOf(value, document)) {
      if (!isMap(source)) throw refuse(offset, 'only maps can be merged')
      for (const pair of pairsOf(source, document, refuse)) if (!merged.has(pair.key)) merged.set(pair.key, pair)
    }
  }
  return [...merged.values()]
}

function isMerge({ key }: YamlPair): boolean {
  return key === '<<'
}

function sourcesOf(value: unknown, document: YamlDocument): readonly unknown[] {
  const resolved = document.resolve(value)
  return isSeq(resolved) ? resolved.items.map((item) => document.resolve(item)) : [resolved]
}
