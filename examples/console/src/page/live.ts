import type { Snapshot } from '../api/snapshot.js'

/** After this long without a look the page says that the process is gone. */
const lostAfterMs = 4_000
/** How often a page polls where server-sent events do not come through. */
const pollMs = 2_000

/** Keeps the page up to date: events once a second, polling where they fail, and a word when the process is gone. */
export function follow(show: (snapshot: Snapshot) => void, tell: (text: string, lost: boolean) => void): void {
  let lastMs = 0
  const receive = (snapshot: Snapshot): void => {
    lastMs = Date.now()
    show(snapshot)
    tell('live', false)
  }
  const events = new EventSource('/api/events')
  events.onmessage = (event: MessageEvent<string>) => receive(JSON.parse(event.data))
  setInterval(() => {
    const silentMs = Date.now() - lastMs
    if (lastMs > 0 && silentMs > lostAfterMs) tell(`no answer: last update ${Math.round(silentMs / 1_000)} s ago`, true)
    // EventSource reconnects by itself; until it has, ask.
    if (silentMs > lostAfterMs) void poll(receive)
  }, pollMs)
}

async function poll(receive: (snapshot: Snapshot) => void): Promise<void> {
  try {
    receive(await getJson<Snapshot>('/api/status'))
  } catch {
    // The next poll, or the event stream, says when it is back; the header says that it is gone.
  }
}

/** Reads an answer of the console's API; throws its error text. */
export async function getJson<T>(path: string): Promise<T> {
  const response = await fetch(path, { signal: AbortSignal.timeout(10_000) })
  const body = await response.json()
  if (!response.ok) throw new Error(body.error)
  return body
}
