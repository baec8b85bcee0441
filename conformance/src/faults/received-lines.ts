import { readFile } from 'node:fs/promises'
import { jsonAt, jsonTextsAt } from '@promline/servers'
import type { ArrivalSource } from '../e2e/arrivals.js'

/** What the testee's receiver wrote into its file. */
export async function receivedLines(file: string): Promise<ArrivalSource['lines']> {
  const samples = (await readFile(file, 'utf8')).split('\n').filter(Boolean)
  return samples.map((text) => {
    const sample: unknown = JSON.parse(text)
    return { tags: jsonTextsAt(sample, 'labels'), fields: { value: Number(jsonAt(sample, 'value')) } }
  })
}
