import { EventEmitter } from 'eventemitter3'
import type { DeliveryObserver } from '../delivery/delivery-observer.js'
import { totalOf } from '../model/batch.js'
import { toError } from '../model/errors.js'
import type { Logger } from '../model/logger.js'
import type { PipelineEventMap, PipelineEvents, SinkStatus } from './pipeline.js'
import type { SelfMetrics } from './self-metrics.js'

/** Those who watch a pipeline: listeners, the log and the metrics. Nothing that they do disturbs the data. */
export class Watchers {
  readonly pipeline: string
  readonly logger: Logger
  readonly metrics: SelfMetrics
  readonly #emitter = new EventEmitter<PipelineEventMap>()

  constructor(pipeline: string, options: { readonly logger: Logger; readonly metrics: SelfMetrics }) {
    this.pipeline = pipeline
    this.logger = options.logger
    this.metrics = options.metrics
  }

  get events(): PipelineEvents {
    return this.#emitter
  }

  /** Whether anybody listens: what happens for every batch is told to those who do only. */
  isHeard(event: keyof PipelineEventMap): boolean {
    return this.#emitter.listenerCount(event) > 0
  }

  /** Tells the listeners; one that throws is logged. */
  emit<E extends keyof PipelineEventMap>(event: E, ...args: EventEmitter.EventArgs<PipelineEventMap, E>): void {
    try {
      this.#emitter.emit(event, ...args)
    } catch (error) {
      this.logger.warn({ pipeline: this.pipeline, error }, `A listener of pipeline ${this.pipeline} threw: ${toError(error).message}.`)
    }
  }
}

/** What a sink's delivery tells, handed on to all who watch. */
export function createSinkObserver(sink: string, watchers: Watchers): DeliveryObserver {
  return {
    delivered(event) {
      if (watchers.isHeard('delivered')) watchers.emit('delivered', { sink, ...event })
    },
    dropped: (event) => watchers.emit('dropped', { sink, ...event }),
    state(event) {
      logState(sink, event, watchers)
      watchers.emit('state', { sink, ...event })
    },
    retry(event) {
      watchers.metrics.retried(sink)
      watchers.emit('retry', { sink, ...event })
    },
    rejected(event) {
      const facts = { pipeline: watchers.pipeline, sink, ...event }
      watchers.logger.error(facts, `sink ${sink} refused ${totalOf(event.counts)} samples (${event.reason}): ${event.message}`)
      watchers.emit('rejected', { sink, ...event })
    },
  }
}

function logState(sink: string, event: { readonly state: SinkStatus['state']; readonly reason?: string }, watchers: Watchers): void {
  const facts = { pipeline: watchers.pipeline, sink, ...event }
  if (event.state === 'blocked') watchers.logger.error(facts, `sink ${sink} is blocked until somebody mends it: ${event.reason}`)
  else if (event.state === 'retrying') watchers.logger.warn(facts, `sink ${sink} will try again: ${event.reason}`)
  else watchers.logger.info(facts, `sink ${sink} delivers again`)
}
