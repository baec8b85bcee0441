import { PromlineError } from '../../model/errors.js'
import type { ReceivedSample } from './subject.js'

/** A promise of the contract that was not kept. */
export function broken(message: string, cause?: unknown): PromlineError {
  return new PromlineError('contract', message, { cause })
}

/** Throws where a condition does not hold; the message says what is so, and what should be. */
export function check(condition: boolean, message: string | (() => string)): void {
  if (!condition) throw broken(typeof message === 'string' ? message : message())
}

/** The labels of a sample as a text, whatever their order. */
export function seriesText({ labels }: ReceivedSample): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** One sample as a text that says everything that matters. */
export function sampleText(sample: ReceivedSample): string {
  const { value, timestampMs, stale } = sample
  const number = stale ? 'stale' : Object.is(value, -0) ? '-0' : String(value)
  return `${seriesText(sample)} ${number} @${timestampMs}`
}

/** What arrived for the first time, and what had arrived before. */
export function splitRepeats(samples: readonly ReceivedSample[]): readonly [once: ReceivedSample[], again: ReceivedSample[]] {
  const seen = new Set<string>()
  const once: ReceivedSample[] = []
  const again: ReceivedSample[] = []
  for (const sample of samples) {
    const text = sampleText(sample)
    ;(seen.has(text) ? again : once).push(sample)
    seen.add(text)
  }
  return [once, again]
}

/** As many samples as a message quotes, and as much of each. */
const maxQuoted = 3
const maxQuotedLength = 200

/** Throws unless what arrived is what should have, each sample as often as expected, in whatever order. */
export function checkSameSamples(what: string, got: readonly ReceivedSample[], want: readonly ReceivedSample[]): void {
  const missing = difference(want, got)
  const surplus = difference(got, want)
  if (missing.length === 0 && surplus.length === 0) return
  const some = (texts: readonly string[]): string =>
    texts.slice(0, maxQuoted).map(shortened).join('; ') + (texts.length > maxQuoted ? '; ...' : '')
  const parts = [
    missing.length > 0 ? `${missing.length} of ${want.length} samples are missing or altered: ${some(missing)}` : '',
    surplus.length > 0 ? `${surplus.length} arrived that should not: ${some(surplus)}` : '',
  ]
  throw broken(`${what}: ${parts.filter((part) => part !== '').join(', and ')}`)
}

/** The end says most: the value. */
function shortened(text: string): string {
  return text.length <= maxQuotedLength ? text : `...${text.slice(-maxQuotedLength)}`
}

/** What of `a` is not in `b`, with its number. */
function difference(a: readonly ReceivedSample[], b: readonly ReceivedSample[]): string[] {
  const counts = new Map<string, number>()
  for (const text of b.map(sampleText)) counts.set(text, (counts.get(text) ?? 0) + 1)
  return a.map(sampleText).filter((text) => {
    const left = counts.get(text) ?? 0
    counts.set(text, left - 1)
    return left <= 0
  })
}

/** What something comes to; rejects when it takes longer than this on the machine's clock. */
export async function within<T>(limitMs: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(broken(`${what} did not end within ${limitMs} ms`)), limitMs)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
