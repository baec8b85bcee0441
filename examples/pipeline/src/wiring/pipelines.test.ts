import { noInstruments, silentLogger } from '@promline/core'
import { expect, it } from 'vitest'
import { parsePipelineConfig } from '../config/load-pipeline-config.js'
import { createPipelines } from './pipelines.js'

const scrape = "scrape_configs: [{ job_name: a, static_configs: [{ targets: ['127.0.0.1:1'] }] }]\n"

it.each([
  ['nothing is configured', '', []],
  ['nobody takes what is scraped: the page alone looks on', scrape, ['scrape memory']],
  ['a sink takes it', `${scrape}kafka_write: [{}]`, ['scrape disk']],
  [
    'what is received has a sink, and what is scraped none',
    `${scrape}remote_write_receiver:\nremote_write: [{ url: 'http://a/', from: receive }]`,
    ['scrape memory', 'receive disk'],
  ],
])('%s', (_, text, pipelines) => {
  const config = parsePipelineConfig(text, { file: 'a.yml', environment: {} })
  const { all } = createPipelines({
    config,
    dataDir: '/nowhere',
    scrapeAtOnce: false,
    logger: silentLogger,
    instruments: noInstruments,
    tap: () => () => {},
  })
  expect(all.map((pipeline) => `${pipeline.name} ${pipeline.status().spool.kind}`)).toEqual(pipelines)
})
