import { expect, test } from 'vitest'
import { runExample } from '../../../test/support/readme-example.js'

// A process of its own, because what is tested is that it ends.
const program = `
import { createServer } from 'node:http'
import { createHttpClient } from '@promline/core'
import { createChaosProxy } from '@promline/core/testing'

const server = createServer((request, response) => response.end('ok'))
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const proxy = await createChaosProxy({ target: { port: server.address().port } })
for (const rules of [{ latencyMs: 20 }, { blackhole: true }, { dropResponses: true }, {}, { refuse: true }]) {
  proxy.set(rules)
  const client = createHttpClient({ userAgent: 'test' })
  await client.request({ url: \`http://127.0.0.1:\${proxy.port}/\`, timeoutMs: 300 }).catch(() => {})
  await client.close()
}
await proxy.close()
server.close()
console.log('closed')
`

test('a process ends after its chaos proxy has closed, though the ends of connections were on their way', async () => {
  const example = runExample(program, new URL('../', import.meta.url))
  const left = setTimeout(() => void example.interrupt(), 20_000)
  expect([await example.ended, example.output()]).toEqual([0, 'closed\n'])
  clearTimeout(left)
})
