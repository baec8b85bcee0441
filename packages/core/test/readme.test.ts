import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { exampleCalled, runExample, runReadmeExample } from '../../../test/support/readme-example.js'

const data = mkdtempSync(join(tmpdir(), 'promline-readme-'))
afterAll(() => rmSync(data, { recursive: true }))

test('the first example of the README runs', async () => {
  const example = runReadmeExample({ folder: new URL('../', import.meta.url), replace: [['data/spool', join(data, 'spool')]] })
  expect(await example.ended, example.output()).toBe(0)
  expect(example.output()).toBe('temperature_celsius attic 31.5\n')
})

test('the example of a listener runs', async () => {
  const folder = new URL('../', import.meta.url)
  const example = runExample(exampleCalled(new URL('README.md', folder), 'serve.js').replace('127.0.0.1:9464', '127.0.0.1:0'), folder)
  expect(await example.ended, example.output()).toBe(0)
  expect(example.output()).toBe('200 hello ops\n200 hello prometheus\n401 credentials are missing or wrong\n')
})
