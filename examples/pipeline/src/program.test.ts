import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHttpListener, type Logger } from '@promline/core'
import { expect, it, onTestFinished } from 'vitest'
import { parsePipelineConfig } from './config/load-pipeline-config.js'
import { runProgram } from './program.js'

function recorder(): { readonly lines: string[]; readonly logger: Logger } {
  const lines: string[] = []
  const keep = (_: object, message: string): void => void lines.push(message)
  return { lines, logger: { debug() {}, info: keep, warn: keep, error: keep } }
}

async function startTarget(): Promise<string> {
  const { logger } = recorder()
  const target = await createHttpListener({
    name: 'target',
    listen: '127.0.0.1:0',
    logger,
    handler: (_, response) => void response.setHeader('content-type', 'text/plain').end('a 1\n'),
  })
  onTestFinished(() => target.close())
  return new URL(target.url).host
}

it('says where everything is: what listens, and the files in the place of servers', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'promline-program-'))
  onTestFinished(() => rm(dataDir, { recursive: true }))
  const { lines, logger } = recorder()
  const text = `
scrape_configs: [{ job_name: a, static_configs: [{ targets: ['${await startTarget()}'] }] }]
console: { listen: 127.0.0.1:0 }
exporter: { listen: 127.0.0.1:0 }
remote_write_receiver: { listen: 127.0.0.1:0 }
kafka_write: [{ topic: t }]
influx_write: [{ database: a/b, from: scrape }]
`
  const config = parsePipelineConfig(text, { file: 'a.yml', environment: {} })
  const stop = new AbortController()
  const running = runProgram({ config, dataDir, scrapeAtOnce: true, logger }, stop.signal)
  const files = [`${dataDir}/topics/t/0.ndjson`, `${dataDir}/influx/a%2Fb.lp`] as const
  await expect.poll(() => files.every((file) => existsSync(file)), { timeout: 10_000 }).toBe(true)
  stop.abort()
  await running

  const anyPort = lines.map((line) => line.replaceAll(/:\d+/g, ':PORT'))
  expect(
    anyPort
      .slice(
        0,
        anyPort.findIndex((line) => line.startsWith('stopping')),
      )
      .sort(),
  ).toEqual([
    `database a/b in ${files[1]}`,
    'exporter at http://127.0.0.1:PORT/metrics',
    'page at http://127.0.0.1:PORT, metrics at http://127.0.0.1:PORT/metrics',
    'receiver at http://127.0.0.1:PORT/api/v1/write',
    `topic t in ${files[0]}`,
  ])
})
