/** Of the series that failed pages show, as many more than the last good page had are remembered. The figure is Prometheus' own. */
const slackSeries = 1000

/**
 * Says how long series are remembered that only pages which failed have shown: until a good page, so that they are not counted as added
 * once more, unless they become many.
 */
export class FailedAdditions {
  #goodSeries = 0
  #added = 0

  /** A good page had as many series. */
  good(series: number): void {
    this.#goodSeries = series
    this.#added = 0
  }

  /** A page failed after it had added as many series. Returns whether what pages before it added is forgotten. */
  failed(added: number): boolean {
    this.#added += added
    if (this.#added <= this.#goodSeries + slackSeries) return false
    this.#added = added
    return true
  }
}
