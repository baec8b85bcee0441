import { type ChaosProxy, createChaosProxy } from '@promline/core/testing'
import { afterTest } from '../e2e/scope.js'
import type { FakeReceiver } from './fake-receiver.js'

/** The network between a sender and its receiver. */
export interface Network {
  readonly proxy: ChaosProxy
  /** The receiver's, through the network. */
  readonly writeUrl: string
}

/** A network that does what it is told, gone after the test. */
export async function startNetwork(target: FakeReceiver | { readonly port: number }): Promise<Network> {
  const proxy = await createChaosProxy({ target: { port: target.port } })
  afterTest(() => proxy.close())
  return { proxy, writeUrl: `http://127.0.0.1:${proxy.port}/api/v1/write` }
}
