// What a Node team composes today of parse-prometheus-text-format and prometheus-remote-write: no spool, no retries, no staleness.
import { readFileSync } from 'node:fs'
import parsePrometheusTextFormat from 'parse-prometheus-text-format'
import { pushTimeseries } from 'prometheus-remote-write'
import { peerSamples } from '../parse/peer-samples.js'
import type { Target, Work } from './agents.js'

/** Prometheus' max_samples_per_send in its newest version; with more, this package takes twice the time. */
const samplesPerRequest = 2000

const [file = ''] = process.argv.slice(2)
const { targets, remoteWriteUrl, intervalMs }: Work = JSON.parse(readFileSync(file, 'utf8'))
const headers = { 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '0.1.0' }

/** Through Node's fetch, which both packages' readers would take. */
async function scrape(target: Target): Promise<void> {
  const timestamp = Date.now()
  const response = await fetch(`http://${target.address}${target.path}`)
  const series = Array.from(peerSamples(parsePrometheusTextFormat(await response.text())), ({ name, labels, value }) => ({
    labels: { __name__: name, job: 'bench', instance: target.instance, ...labels },
    samples: [{ value, timestamp }],
  }))
  for (let i = 0; i < series.length; i += samplesPerRequest) {
    await pushTimeseries(series.slice(i, i + samplesPerRequest), { url: remoteWriteUrl, headers, fetch: post })
  }
}

async function post(url: string, init?: { readonly headers: Record<string, string>; readonly body: ArrayBufferLike }) {
  const response = await fetch(url, {
    method: 'POST',
    headers: init?.headers ?? {},
    body: new Uint8Array(init?.body ?? new ArrayBuffer(0)),
  })
  return { status: response.status, statusText: response.statusText, text: () => response.text() }
}

/** A target's scrapes, one after the other. */
function start(target: Target): void {
  let running = false
  const tick = (): void => {
    if (running) return
    running = true
    scrape(target)
      .catch((error: unknown) => console.error(error))
      .finally(() => {
        running = false
      })
  }
  tick()
  setInterval(tick, intervalMs)
}

/** Spread over the interval, as agents do. */
for (const [i, target] of targets.entries()) setTimeout(() => start(target), (i * intervalMs) / targets.length)
process.once('SIGTERM', () => process.exit())
