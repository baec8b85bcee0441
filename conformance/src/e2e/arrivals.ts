import type { Line } from './line-protocol.js'
import type { WriteClient } from './write-client.js'

/** What a target has of the samples of clients. */
export interface Arrivals {
  /** Acknowledged samples that did not arrive. */
  readonly missing: string[]
  /** Samples that were never sent. */
  readonly foreign: string[]
  /** Samples that arrived for the first time after a later one of their series. */
  readonly outOfOrder: string[]
  /** Samples that arrived once more. */
  readonly duplicates: number
}

/** Where samples arrived, in their order. */
export interface ArrivalSource {
  readonly lines: readonly Pick<Line, 'tags' | 'fields'>[]
}

/** What a client was told is taken: of each of its series the values from 1. */
export type SentSamples = Pick<WriteClient, 'name' | 'seriesCount' | 'acknowledged'>

/** Compares what came with what was acknowledged. */
export function arrivals(target: ArrivalSource, clients: readonly SentSamples[]): Arrivals {
  const valuesOf = new Map<string, number[]>()
  for (const client of clients) for (let i = 0; i < client.seriesCount; i++) valuesOf.set(`${client.name}/${i}`, [])
  const foreign: string[] = []
  for (const { tags, fields } of target.lines) {
    const values = valuesOf.get(`${tags['client']}/${tags['series']}`)
    if (values === undefined) foreign.push(JSON.stringify(tags))
    else values.push(fields['value']!)
  }
  const missing: string[] = []
  const outOfOrder: string[] = []
  let duplicates = 0
  for (const client of clients) {
    for (let i = 0; i < client.seriesCount; i++) {
      const key = `${client.name}/${i}`
      const arrived = new Set(valuesOf.get(key))
      duplicates += valuesOf.get(key)!.length - arrived.size
      for (let value = 1; value <= client.acknowledged; value++) if (!arrived.has(value)) missing.push(`${key}: ${value}`)
      // A set keeps the order in which its members came first.
      const order = [...arrived]
      outOfOrder.push(...order.filter((value, at) => at > 0 && value < order[at - 1]!).map((value) => `${key}: ${value}`))
      // One more than is acknowledged may have been taken by a program that was killed before it answered.
      foreign.push(...order.filter((value) => value > client.acknowledged + 1).map((value) => `${key}: ${value}`))
    }
  }
  return { missing, foreign, outOfOrder, duplicates }
}
