import type { Counts } from '../model/batch.js'

/** How a sink fares: `healthy`, `retrying` after what should pass, `blocked` a person is needed. */
export type SinkState = 'healthy' | 'retrying' | 'blocked'

/** An onlooker of a delivery. Must not throw. */
export interface DeliveryObserver {
  delivered(event: { readonly part: string; readonly counts: Counts; readonly bytes: number; readonly durationMs: number }): void
  retry(event: { readonly part: string; readonly attempt: number; readonly delayMs: number; readonly error: Error }): void
  rejected(event: { readonly reason: string; readonly message: string; readonly counts: Counts }): void
  dropped(event: { readonly reason: string; readonly counts: Counts }): void
  state(event: { readonly state: SinkState; readonly reason?: string }): void
}
