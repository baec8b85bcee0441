import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runReadmeExample } from '../../../test/support/readme-example.js'

const data = mkdtempSync(join(tmpdir(), 'promline-readme-'))
afterAll(() => rmSync(data, { recursive: true }))

test('the first example of the README runs', async () => {
  const example = runReadmeExample({ folder: new URL('../', import.meta.url), replace: [['data/spool', join(data, 'spool')]] })
  expect(await example.ended, example.output()).toBe(0)
  expect(example.output()).toBe('temperature_celsius attic 31.5\n')
})
