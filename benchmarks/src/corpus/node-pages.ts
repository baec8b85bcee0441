import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serverAvailable, startNodeExporter } from '@promline/servers'
import { nodeLookAlikePage } from './node-look-alike.js'

const captureIntervalMs = 1000

/** The cache of scripts/servers/cache.js: beside the servers, so that every run, and every subject of it, reads the same pages. */
function capturedFile(): string {
  const cache = process.env['PROMLINE_CACHE'] || join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'promline')
  return join(cache, 'benchmarks', 'node-pages.json')
}

/** Scrapes a real node_exporter once a second, where it is installed and was not scraped before. */
export async function captureNodePages(versions: number): Promise<void> {
  const file = capturedFile()
  if (existsSync(file) || !serverAvailable('node-exporter')) return
  const server = await startNodeExporter()
  const pages: string[] = []
  try {
    for (let i = 0; i <= versions; i++) {
      if (i > 0) await sleep(captureIntervalMs)
      const response = await fetch(server.metricsUrl)
      pages.push(await response.text())
    }
  } finally {
    await server.stop()
  }
  mkdirSync(join(file, '..'), { recursive: true })
  const partial = `${file}.${process.pid}.partial`
  // The first page lacks the series that the exporter has of its own scrapes.
  writeFileSync(partial, JSON.stringify(pages.slice(1)))
  renameSync(partial, file)
}

/** A version of node_exporter's page: a captured one, else a look-alike. */
export function nodePage(version: number): string {
  const file = capturedFile()
  if (!existsSync(file)) return nodeLookAlikePage(version)
  const pages: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const page: unknown = Array.isArray(pages) ? pages[version] : undefined
  if (typeof page !== 'string') throw new Error(`${file} has no page ${version}: remove it`)
  return page
}
