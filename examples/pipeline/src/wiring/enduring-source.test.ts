import { type Logger, PromlineError, type Source } from '@promline/core'
import { expect, it } from 'vitest'
import { enduringSource } from './enduring-source.js'

const consume = async () => ({ status: 'spooled' }) as const

function failing(error: Error): Source {
  return { name: 'receiver', run: () => Promise.reject(error) }
}

function recorder(): { readonly lines: string[]; readonly logger: Logger } {
  const lines: string[] = []
  const logger: Logger = { debug() {}, info() {}, warn() {}, error: (_, message) => lines.push(message) }
  return { lines, logger }
}

it.each([
  ['address', 'the port is in use'],
  ['tls', 'cannot read the certificate file'],
] as const)('goes silent with an error of %s, until it is stopped', async (code, message) => {
  const { lines, logger } = recorder()
  const source = enduringSource(failing(new PromlineError(code, message)), logger)
  expect(source.problem()).toBeUndefined()
  const stop = new AbortController()
  const running = source.run(consume, { signal: stop.signal })
  await expect.poll(() => source.problem()).toBe(message)
  stop.abort()
  await running
  expect(lines).toEqual([`${message}; the rest goes on without it`])
})

it('hands every other error on', async () => {
  const { lines, logger } = recorder()
  const source = enduringSource(failing(new Error('a fault')), logger)
  await expect(source.run(consume, { signal: new AbortController().signal })).rejects.toThrow('a fault')
  expect([lines, source.problem()]).toEqual([[], undefined])
})
