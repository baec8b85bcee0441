import { expect, it } from 'vitest'
import { nearestKey } from './nearest-key.js'

const known = ['scrape_interval', 'scrape_timeout', 'job_name', 'url', 'targets', 'tls_config']

it.each([
  ['scrape_intervall', 'scrape_interval'],
  ['scrapeInterval', 'scrape_interval'],
  ['SCRAPE-TIMEOUT', 'scrape_timeout'],
  ['jobname', 'job_name'],
  ['job', undefined],
  ['ulr', 'url'],
  ['uri', 'url'],
  ['foo', undefined],
  ['target', 'targets'],
  ['tls', undefined],
  ['', undefined],
])('nearestKey(%j) is %j', (key, nearest) => {
  expect(nearestKey(key, known)).toBe(nearest)
})
