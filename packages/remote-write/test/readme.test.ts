import { expect, test } from 'vitest'
import { exampleCalled, runExample, runReadmeExample } from '../../../test/support/readme-example.js'

test('the first example of the README sends a sample and receives it', async () => {
  const example = runReadmeExample({ folder: new URL('../', import.meta.url), replace: [['127.0.0.1:9201', '127.0.0.1:0']] })
  expect([await example.ended, example.output()]).toEqual([0, 'jobs_total demo 42\n'])
})

test('the example with several clients stores what one of them says under its own name', async () => {
  const folder = new URL('../', import.meta.url)
  const code = exampleCalled(new URL('README.md', folder), 'clients.js').replace('127.0.0.1:9201', '127.0.0.1:0')
  const example = runExample(code, folder)
  expect([await example.ended, example.output()]).toEqual([0, 'nats-primary wrote {"__name__":"up","cluster":"nats-primary"}\n'])
})
