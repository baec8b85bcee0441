import { expect, test } from 'vitest'
import { runReadmeExample } from '../../../test/support/readme-example.js'

test('the first example of the README sends a sample and receives it', async () => {
  const example = runReadmeExample({ folder: new URL('../', import.meta.url), replace: [['127.0.0.1:9201', '127.0.0.1:0']] })
  expect([await example.ended, example.output()]).toEqual([0, 'jobs_total demo 42\n'])
})
