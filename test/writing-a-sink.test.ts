import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { exampleCalled, runExample } from './support/readme-example.js'

const document = new URL('../docs/writing-a-sink.md', import.meta.url)
const core = new URL('../packages/core/', import.meta.url)
const data = mkdtempSync(join(tmpdir(), 'promline-sink-'))
afterAll(() => rmSync(data, { recursive: true }))

const sink = exampleCalled(document, 'json-lines-sink.js')

/** Another file of the document, as one module with the sink. */
function withSink(name: string): string {
  const code = exampleCalled(document, name)
  const importing = "import { createJsonLinesSink } from './json-lines-sink.js'\n"
  expect(code).toContain(importing)
  return sink + code.replace(importing, '')
}

describe('docs/writing-a-sink.md', () => {
  it('builds a complete sink in 60 lines', () => {
    expect(sink.split('\n').length).toBeLessThanOrEqual(60)
  })

  it('has a sink that passes the contract suite', async () => {
    const example = runExample(withSink('json-lines-sink.test.js'), core)
    expect(await example.ended, example.output()).toBe(0)
    expect(example.output()).toMatch(/^\S+ fail 0$/m)
    expect(Number(/^\S+ pass (\d+)$/m.exec(example.output())?.[1])).toBeGreaterThan(30)
    expect(example.output()).toMatch(/^\S+ skipped 2$/m)
  })

  it('puts the sink into a pipeline that delivers', async () => {
    const bodies: string[] = []
    const server = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => bodies.push(text))
      request.on('end', () => response.writeHead(204).end())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    const code = withSink('main.js').replace('127.0.0.1:8080', `127.0.0.1:${port}`).replaceAll("'data/", `'${data}/`)
    const example = runExample(code, core)
    expect(await example.ended, example.output()).toBe(0)
    expect(example.output()).toBe('1 delivered\n')
    expect(bodies.join('')).toMatch(/^\{"labels":\{"__name__":"temperature_celsius","room":"attic"\},"value":31\.5,"timestampMs":\d+\}\n$/)
    await new Promise((resolve) => server.close(resolve))
  })

  it('names every outcome', () => {
    const text = readFileSync(document, 'utf8')
    for (const word of ['delivered', 'retryable', 'retryAfterMs', 'blocked', 'reencode', 'too-large', 'invalid', 'divisible']) {
      expect(text).toContain(`\`${word}\``)
    }
  })
})
