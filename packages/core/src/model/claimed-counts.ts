import { type Counts, zeroCounts } from './batch.js'

/** What of a claim can be true: of each kind from nothing up to the limit. What is absent, negative or not finite is none. */
export function boundCounts(claimed: Counts | null | undefined, limit: Counts): Counts {
  if (claimed === undefined || claimed === null) return zeroCounts
  return {
    samples: boundCount(claimed.samples, limit.samples),
    histograms: boundCount(claimed.histograms, limit.histograms),
    exemplars: boundCount(claimed.exemplars, limit.exemplars),
  }
}

function boundCount(claimed: number, limit: number): number {
  return Number.isFinite(claimed) && claimed > 0 ? Math.floor(Math.min(claimed, limit)) : 0
}

const unlimited: Counts = {
  samples: Number.MAX_SAFE_INTEGER,
  histograms: Number.MAX_SAFE_INTEGER,
  exemplars: Number.MAX_SAFE_INTEGER,
}

/** Counts that can be calculated with: themselves where they are such. None are nothing. */
export function soundCounts(claimed: Counts | null | undefined): Counts {
  if (claimed === undefined || claimed === null) return zeroCounts
  const { samples, histograms, exemplars } = claimed
  return isCount(samples) && isCount(histograms) && isCount(exemplars) ? claimed : boundCounts(claimed, unlimited)
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
