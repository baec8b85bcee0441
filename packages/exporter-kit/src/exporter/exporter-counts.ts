import { type CollectedFamily, registerCollected } from '../registry/collected-metrics.js'
import type { WritableMetricRegistry } from '../registry/metric-registry.js'

/** What failed: the registry, or its translation into another format, of which it may be a part that was left out. */
export type ExporterErrorCause = 'gathering' | 'encoding'

/** What an exporter counts about itself, by the names that client_golang's handler has made common. */
export class ExporterCounts {
  // As client_golang does, so that the first failure is an increase from 0.
  readonly #requests = new Map<number, number>([200, 500, 503].map((code) => [code, 0]))
  readonly #errors: Record<ExporterErrorCause, number> = { encoding: 0, gathering: 0 }
  #inFlight = 0

  /** Scrapes whose answers are not yet sent. */
  get inFlight(): number {
    return this.#inFlight
  }

  countError(cause: ExporterErrorCause): void {
    this.#errors[cause]++
  }

  countRequest(code: number): void {
    this.#requests.set(code, (this.#requests.get(code) ?? 0) + 1)
  }

  begin(): void {
    this.#inFlight++
  }

  end(): void {
    this.#inFlight--
  }

  /** Shows the counts in a registry. Returns what takes them away again. */
  register(registry: WritableMetricRegistry): () => void {
    const families: readonly CollectedFamily[] = [
      {
        name: 'promhttp_metric_handler_requests_total',
        help: 'Total number of scrapes by HTTP status code.',
        type: 'counter',
        values: () => Array.from(this.#requests, ([code, value]) => ({ value, labels: { code: String(code) } })),
      },
      {
        name: 'promhttp_metric_handler_requests_in_flight',
        help: 'Current number of scrapes being served.',
        type: 'gauge',
        values: () => [{ value: this.#inFlight, labels: {} }],
      },
      {
        name: 'promhttp_metric_handler_errors_total',
        help: 'Total number of internal errors encountered by the promhttp metric handler.',
        type: 'counter',
        values: () => Object.entries(this.#errors).map(([cause, value]) => ({ value, labels: { cause } })),
      },
    ]
    return registerCollected(registry, families)
  }
}
