import { setMaxListeners } from 'node:events'

/** A controller whose signal many wait on at one time: Node takes more than ten listeners for a leak, and says so. */
export function createSharedController(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
