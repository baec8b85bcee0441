import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createHttpListener } from '@promline/core'

/** What the captured server answers, by path with query. */
export const capturedAnswers: Readonly<Record<string, string>> = {
  '/varz': captured('varz.json'),
  '/connz': captured('connz.json'),
  '/connz?auth=true': captured('connz.json'),
  '/routez': captured('routez.json'),
  '/gatewayz': captured('gatewayz.json'),
  '/leafz': captured('leafz.json'),
  '/subsz': captured('subsz.json'),
  '/healthz': captured('healthz.json'),
  '/jsz?consumers=true&config=true&raft=true': captured('jsz.json'),
  '/accstatz?unused=1': captured('accstatz-unused.json'),
  '/accountz': captured('accountz.json'),
  '/accountz?acc=APP': captured('accountz-APP.json'),
  '/accountz?acc=SYS': captured('accountz-SYS.json'),
  '/accountz?acc=%24G': captured('accountz-G.json'),
}

/** A file of the capture. */
export function captured(file: string): string {
  return readFileSync(new URL(`testdata/nats-2.15.2/${file}`, import.meta.url), 'utf8')
}

/** The monitoring port of a made-up server. */
export interface FakeMonitor {
  readonly url: string
  /** What is answered, by path with query; anything else is 404, as NATS answers it. May be changed. */
  answers: Record<string, string | ((request: IncomingMessage, response: ServerResponse) => void)>
  /** The paths that were asked for, in their order. */
  readonly requests: string[]
  close(): Promise<void>
}

/** Listens on a free port. */
export async function startFakeMonitor(answers: FakeMonitor['answers'] = { ...capturedAnswers }): Promise<FakeMonitor> {
  const requests: string[] = []
  const monitor = { answers, requests }
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? ''
    requests.push(path)
    const answer = monitor.answers[path]
    if (typeof answer === 'function') {
      answer(request, response)
      return
    }
    response.statusCode = answer === undefined ? 404 : 200
    response.end(answer ?? '404 page not found\n')
  }
  const listener = await createHttpListener({ name: 'fake NATS server', listen: '127.0.0.1:0', handler })
  return Object.assign(monitor, { url: listener.url, close: () => listener.close({ deadlineMs: 0 }) })
}
