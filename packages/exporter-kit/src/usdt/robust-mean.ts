/** The mean of what is left of some numbers when the outliers are taken off. */
export interface RobustMean {
  readonly mean: number
  /** How many numbers the mean is of. */
  readonly used: number
  /** How many were outliers. */
  readonly trimmed: number
}

/** Makes the median absolute deviation of normally distributed numbers their standard deviation. */
const deviationsPerMad = 1.4826
/** The usual three standard deviations. */
const keptDeviations = 3
/** Offers of one market differ by some tenths of a percent. Without this, numbers of which most are equal would all be outliers but those. */
const minDeviation = 0.002

/**
 * The mean of the numbers that are no further from the median than three deviations, a deviation being 1.4826 times the median absolute
 * deviation from the median, and at least 0.2 % of the median. As long as less than half of the numbers are wrong, they cannot move it
 * far. Undefined for none. https://en.wikipedia.org/wiki/Median_absolute_deviation
 */
export function robustMean(values: readonly number[]): RobustMean | undefined {
  if (values.length === 0) return undefined
  const middle = medianOf(values)
  const deviation = deviationsPerMad * medianOf(values.map((value) => Math.abs(value - middle)))
  const reach = keptDeviations * Math.max(deviation, minDeviation * Math.abs(middle))
  const used = values.filter((value) => Math.abs(value - middle) <= reach)
  // Around the middle what is added up is small: prices of two decimals keep a mean of three, where their sum would end in ...39999.
  const mean = middle + used.reduce((sum, value) => sum + (value - middle), 0) / used.length
  return { mean, used: used.length, trimmed: values.length - used.length }
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
