import { afterEach, expect, test } from 'vitest'
import { type RunningExample, runReadmeExample } from '../../../test/support/readme-example.js'

let example: RunningExample | undefined
afterEach(() => example?.interrupt())

test('the first example of the README serves metrics until Ctrl-C', async () => {
  example = runReadmeExample({ folder: new URL('../', import.meta.url), replace: [['127.0.0.1:8000', '127.0.0.1:0']] })
  const [, url] = await example.printed(/metrics at (http:\S+)\n/)
  const text = await (await fetch(url!)).text()
  expect(text).toContain('\nrequests_total{path="/"} 1\n')
  expect(text).toMatch(/^totalConnections \d+$/m)
  expect(await example.interrupt()).toBe(0)
  expect(example.output()).toMatch(/bye\n$/)
})
