/** A line through points, by least squares. */
export interface Slope {
  /** Of y for one of x. */
  readonly slope: number
  /** What the slope may be off, one standard deviation; infinite where there are too few points to tell. */
  readonly error: number
}

/** https://en.wikipedia.org/wiki/Simple_linear_regression */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): Slope {
  const count = points.length
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  if (count < 3 || spread === 0) return { slope: 0, error: Number.POSITIVE_INFINITY }
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread
  const residual = points.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0)
  return { slope, error: Math.sqrt(residual / (count - 2) / spread) }
}
