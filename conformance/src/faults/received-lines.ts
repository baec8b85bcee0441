import { readFile } from 'node:fs/promises'
import type { ArrivalSource } from '../e2e/arrivals.js'
import { jsonAt, jsonTextsAt } from '../servers/json.js'

/** What the testee's receiver wrote into its file. */
export async function receivedLines(file: string): Promise<ArrivalSource['lines']> {
  const samples = (await readFile(file, 'utf8')).split('\n').filter(Boolean)
  return samples.map((text) => {
    const sample: unknown = JSON.parse(text)
    return { tags: jsonTextsAt(sample, 'labels'), fields: { value: Number(jsonAt(sample, 'value')) } }
  })
}
