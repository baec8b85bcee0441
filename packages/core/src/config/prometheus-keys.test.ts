import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { prometheusKeys } from './prometheus-keys.js'

const folder = process.env['PROMLINE_FIXTURES'] ?? fileURLToPath(new URL('../../../../../shared/fixtures', import.meta.url))
const file = `${folder}/prometheus-config/keys.json`

/** The keys of a part of the reflection. */
function keysOf(tree: unknown, ...path: readonly string[]): readonly string[] {
  const part = path.reduce(
    (at, key) => (typeof at === 'object' && at !== null ? Object.getOwnPropertyDescriptor(at, key)?.value : undefined),
    tree,
  )
  return typeof part === 'object' && part !== null ? Object.keys(part) : []
}

describe.skipIf(!existsSync(file))(`the keys of Prometheus${existsSync(file) ? '' : ` (skipped: ${file} is missing)`}`, () => {
  const { keys, serviceDiscovery } = JSON.parse(readFileSync(file, 'utf8'))

  it.each([
    ['top', keysOf(keys)],
    ['global', keysOf(keys, 'global')],
    ['scrape', [...keysOf(keys, 'scrape_configs'), ...serviceDiscovery]],
    ['remoteWrite', keysOf(keys, 'remote_write')],
    ['basicAuth', keysOf(keys, 'scrape_configs', 'basic_auth')],
    ['authorization', keysOf(keys, 'scrape_configs', 'authorization')],
    ['tls', keysOf(keys, 'scrape_configs', 'tls_config')],
  ] as const)('of %s are known', (section, expected) => {
    expect(expected).not.toEqual([])
    expect(prometheusKeys[section]).toEqual(expect.arrayContaining([...expected]))
  })
})
