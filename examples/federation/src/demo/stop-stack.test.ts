import { type Logger, silentLogger } from '@promline/core'
import { expect, it } from 'vitest'
import { StopStack } from './stop-stack.js'

it('stops the other way round, once, and goes on where one fails', async () => {
  const said: string[] = []
  const logger: Logger = { ...silentLogger, error: (_, message) => said.push(message) }
  const stack = new StopStack(logger)
  stack.push('first', async () => said.push('first'))
  stack.push('second', () => {
    throw new Error('it hangs')
  })
  stack.push('third', async () => said.push('third'))
  await Promise.all([stack.stop(), stack.stop()])
  expect(said).toEqual(['third', 'second could not be stopped: it hangs', 'first'])
})
