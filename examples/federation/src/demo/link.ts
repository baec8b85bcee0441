import type { Logger } from '@promline/core'
import { createChaosProxy } from '@promline/core/testing'

/** The way from another-cluster to the centre. */
export interface Link {
  readonly isOpen: boolean
  /** Every connection is reset, and every new one at once: nothing comes through. */
  cut(): void
  open(): void
  close(): Promise<void>
}

export interface LinkOptions {
  /** Ports of loopback. */
  readonly from: number
  readonly to: number
  readonly logger: Logger
}

/** Forwards connections from one port to another. Rejects where it cannot listen. */
export async function openLink({ from, to, logger }: LinkOptions): Promise<Link> {
  const proxy = await createChaosProxy({ listen: { port: from }, target: { port: to } })
  let isOpen = true
  return {
    get isOpen() {
      return isOpen
    },
    cut() {
      isOpen = false
      proxy.set({ reset: true })
      logger.info({}, 'the link is cut')
    },
    open() {
      isOpen = true
      proxy.set({})
      logger.info({}, 'the link is open')
    },
    close: () => proxy.close(),
  }
}
