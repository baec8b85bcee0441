import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/** Node runs no TypeScript: the program comes from the build. */
const built = new URL('../../dist/index.js', import.meta.url)

/** Runs a program until it has said `up`, asks it to end, and gives its status and what it said. */
async function runAndTerminate(run: string): Promise<readonly [number | null, string]> {
  const script = `
    import { createMemorySpool, createPipeline, createScrapeSource } from ${JSON.stringify(built.href)}
    const stop = new AbortController()
    process.on('SIGTERM', () => stop.abort())
    const { signal } = stop
    const consume = async () => ({ status: 'spooled' })
    const source = createScrapeSource({ configs: [] })
    const pipeline = (sources) => createPipeline({ name: 'p', spool: createMemorySpool(), sources, sinks: [] })
    setTimeout(() => console.log('up'), 10).unref() // keeps nothing alive
    await ${run}
    console.log('ended')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.once('data', () => child.kill('SIGTERM'))
  child.stdout.on('data', (chunk) => {
    said += String(chunk)
  })
  const [status] = await once(child, 'close')
  return [status, said]
}

describe.skipIf(!existsSync(fileURLToPath(built)))('a process that only waits for its signal (needs the build)', () => {
  test.each([
    ['a source without targets', 'source.run(consume, { signal })'],
    ['a pipeline whose source has no targets', 'pipeline([source]).run({ signal })'],
    ['a pipeline without a source', 'pipeline([]).run({ signal })'],
  ])('%s', async (_name, run) => {
    expect(await runAndTerminate(run)).toEqual([0, 'up\nended\n'])
  })
})
