import { decodeUtf8 } from '../model/bytes.js'
import { type Labels, walkLabels } from '../model/labels.js'

/** The labels as pairs, in their order. (An object would put names that look like integers first.) */
export function labelPairs({ bytes }: Labels): [name: string, value: string][] {
  const pairs: [string, string][] = []
  walkLabels(bytes, (place) => {
    pairs.push([decodeUtf8(bytes, place.nameStart, place.nameEnd), decodeUtf8(bytes, place.valueStart, place.valueEnd)])
    return true
  })
  return pairs
}
