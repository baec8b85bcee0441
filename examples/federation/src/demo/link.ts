import { createChaosProxy } from '@promline/core/testing'

/** The way from another-cluster to the centre. */
export interface Link {
  readonly isOpen: boolean
  /** Every connection is reset, and every new one at once: nothing comes through. */
  cut(): void
  open(): void
  close(): Promise<void>
}

/** Forwards connections from one port of loopback to another. Rejects where it cannot listen. */
export async function openLink(ports: { readonly from: number; readonly to: number }): Promise<Link> {
  const proxy = await createChaosProxy({ listen: { port: ports.from }, target: { port: ports.to } })
  let isOpen = true
  return {
    get isOpen() {
      return isOpen
    },
    cut() {
      isOpen = false
      proxy.set({ reset: true })
    },
    open() {
      isOpen = true
      proxy.set({})
    },
    close: () => proxy.close(),
  }
}
