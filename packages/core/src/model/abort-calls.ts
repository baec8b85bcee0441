type Call = () => void

/** What waits for each signal. */
const callsOf = new WeakMap<AbortSignal, Call[]>()

/**
 * Has a function called when a signal aborts, until `dropAbortCall` takes it back. For what waits a moment for a signal that lasts: the
 * signal gets one listener for all of them. Node keeps listeners in a linked list, and one that was removed still points at those behind
 * it: once it is old, all that came after it, with what they hold, stays until a full collection of garbage.
 *
 * @param signal has not aborted yet
 */
export function callOnAbort(signal: AbortSignal, call: Call): void {
  let calls = callsOf.get(signal)
  if (calls === undefined) {
    const all: Call[] = []
    signal.addEventListener('abort', () => callAll(all), { once: true })
    callsOf.set(signal, all)
    calls = all
  }
  calls.push(call)
}

/** Takes a call back; nothing happens where it is not there. */
export function dropAbortCall(signal: AbortSignal, call: Call): void {
  const calls = callsOf.get(signal)
  const at = calls?.lastIndexOf(call) ?? -1
  if (calls === undefined || at < 0) return
  const last = calls.pop()!
  if (at < calls.length) calls[at] = last
}

/** A call may take back others, which then are not called. */
function callAll(calls: Call[]): void {
  for (let call = calls.shift(); call !== undefined; call = calls.shift()) call()
}
