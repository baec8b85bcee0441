import type { Snapshot } from '../api/snapshot.js'

/** After this long without a look the page says that the process is gone. */
const lostAfterMs = 4_000
/** How often a page polls where server-sent events do not come through. */
const pollMs = 2_000
/** A process that does not answer for so long does not answer. */
const answerTimeoutMs = 10_000

export interface Follower {
  readonly show: (snapshot: Snapshot) => void
  /** Called with every look, and every two seconds while none comes: how long ago the last one came. */
  readonly tell: (silentMs: number, lost: boolean) => void
}

/** Keeps the page up to date: events once a second, polling where they fail, and a word when the process is gone. */
export function follow(follower: Follower): void {
  let lastMs = Date.now()
  let polling = false
  const receive = (snapshot: Snapshot): void => {
    lastMs = Date.now()
    follower.show(snapshot)
    follower.tell(0, false)
  }
  const listen = (): EventSource => {
    const events = new EventSource('/api/events')
    events.onmessage = (event: MessageEvent<string>) => receive(JSON.parse(event.data))
    return events
  }
  const poll = async (): Promise<void> => {
    polling = true
    try {
      receive(await getJson<Snapshot>('/api/status'))
    } catch {
      // The next poll, or the event stream, says when it is back; the header says that it is gone.
    } finally {
      polling = false
    }
  }
  let events = listen()
  setInterval(() => {
    const silentMs = Date.now() - lastMs
    if (silentMs <= lostAfterMs) return
    follower.tell(silentMs, true)
    // It reconnects by itself where the connection broke, but not after an answer that is no stream (a proxy's, or `too many pages`).
    if (events.readyState === EventSource.CLOSED) events = listen()
    if (!polling) void poll()
  }, pollMs)
}

/** Reads an answer of the console's API; throws its error text. */
export async function getJson<T>(path: string): Promise<T> {
  const response = await fetch(path, { signal: AbortSignal.timeout(answerTimeoutMs) })
  const body = await response.json()
  if (!response.ok) throw new Error(body.error)
  return body
}
