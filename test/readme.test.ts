import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runReadmeExample } from './support/readme-example.js'

const data = mkdtempSync(join(tmpdir(), 'promline-readme-'))
afterAll(() => rmSync(data, { recursive: true }))

test('the example of the README scrapes, delivers and balances', async () => {
  const example = runReadmeExample({
    // The example imports what the pipeline example depends on.
    folder: new URL('../examples/pipeline/', import.meta.url),
    readme: new URL('../README.md', import.meta.url),
    replace: [
      ['data/', `${data}/`],
      // A port that is free wherever this runs.
      ["listen: '127.0.0.1:8000'", "listen: '127.0.0.1:0'"],
      ["targets: ['127.0.0.1:8000']", 'targets: [new URL(exporter.url).host]'],
    ],
  })
  await example.printed(/kafka: 18 samples delivered/)
  expect(await example.interrupt(), example.output()).toBe(0)
  expect(example.output()).toContain('balanced: true')
  expect(readFileSync(join(data, 'topics/prometheus-metrics/0.ndjson'), 'utf8').trim().split('\n').length % 18).toBe(0)
})
