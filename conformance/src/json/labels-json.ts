import { createLabels, isPromlineError, type Labels } from '@promline/core'
import type { JsonReader } from './json-reader.js'

/** Reads labels, an object. Throws a PromlineError (`decode`) with their path. */
export function labelsFromJson(json: JsonReader): Labels {
  const pairs = json.strings()
  try {
    return createLabels(pairs)
  } catch (error) {
    if (!isPromlineError(error, 'labels')) throw error
    throw json.refusal(error.message)
  }
}
