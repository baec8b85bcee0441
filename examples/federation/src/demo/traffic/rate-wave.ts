/** One swell and one ebb. */
const waveMs = 60_000
/** How far from the average it goes. */
const amplitude = 0.5

/** Events at a rate that swells and ebbs, so that it is a curve and no line. */
export interface RateWave {
  /** How many are due since it was asked before. @param atMs a clock that does not go back */
  due(atMs: number): number
}

/** On average `perSecond`, between half of it and half as much again, within a minute. */
export function createRateWave({ perSecond }: { readonly perSecond: number }): RateWave {
  let startMs: number | undefined
  let given = 0
  return {
    due(atMs) {
      startMs ??= atMs
      const total = Math.floor(integral((atMs - startMs) / 1_000) * perSecond)
      const due = total - given
      given = total
      return due
    },
  }
}

/** Of `1 + amplitude * sin(...)`, in seconds: whatever the ticks, none is lost to rounding. */
function integral(seconds: number): number {
  const turn = (2 * Math.PI * 1_000) / waveMs
  return seconds + (amplitude / turn) * (1 - Math.cos(turn * seconds))
}
