import { type Labels, walkLabels } from '../model/labels.js'

/** The labels as pairs, in their order. (An object would put names that look like integers first.) */
export function labelPairs({ bytes }: Labels): [name: string, value: string][] {
  const pairs: [string, string][] = []
  // One view for all strings: making one is dearer than reading a string from it.
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  walkLabels(bytes, (place) => {
    pairs.push([view.toString('utf8', place.nameStart, place.nameEnd), view.toString('utf8', place.valueStart, place.valueEnd)])
    return true
  })
  return pairs
}
