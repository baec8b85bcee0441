import type { Instruments } from '../model/instruments.js'

/** What is counted of a job's scrapes. */
export interface ScrapeInstruments {
  /** `success`; `failure` of the target; `not_stored`: nobody took responsibility for the batch. */
  scrapes(result: 'success' | 'failure' | 'not_stored'): void
  skipped(count: number): void
  droppedSamples(reason: string, count: number): void
}

/** Registers the instruments once; the result makes those of a job. */
export function createScrapeInstruments(instruments: Instruments): (job: string) => ScrapeInstruments {
  const scrapes = instruments.counter({
    name: 'scrapes_total',
    help: 'Scrapes by result: success, failure (of the target), not_stored.',
    labelNames: ['job', 'result'],
  })
  const skipped = instruments.counter({
    name: 'scrapes_skipped_total',
    help: 'Scrapes that were due while the one before, or its storing, still ran.',
    labelNames: ['job'],
  })
  const dropped = instruments.counter({
    name: 'scrape_samples_dropped_total',
    help: 'Samples left out of scrapes that succeeded: relabel, duplicate, out-of-bounds (more than 10 minutes ahead).',
    labelNames: ['job', 'reason'],
  })
  return (job) => ({
    scrapes: (result) => scrapes(1, { job, result }),
    skipped: (count) => skipped(count, { job }),
    droppedSamples: (reason, count) => dropped(count, { job, reason }),
  })
}
