import { createServer } from 'node:http'
import { type Logger, silentLogger } from '@promline/core'
import { freePort } from '@promline/servers'
import { expect, it, onTestFinished } from 'vitest'
import { openLink } from './link.js'

it('lets everything through, or nothing', async () => {
  const server = createServer((_, response) => response.end('here'))
  const to = await freePort()
  await new Promise<void>((resolve) => server.listen(to, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const lines: string[] = []
  const logger: Logger = { ...silentLogger, info: (_, message) => lines.push(message) }
  const from = await freePort()
  const link = await openLink({ from, to, logger })
  onTestFinished(() => link.close())
  const ask = async (): Promise<string> => (await fetch(`http://127.0.0.1:${from}/`)).text()

  expect([await ask(), link.isOpen]).toEqual(['here', true])
  link.cut()
  await expect(ask()).rejects.toThrow('fetch failed')
  expect(link.isOpen).toBe(false)
  link.open()
  expect([await ask(), link.isOpen]).toEqual(['here', true])
  expect(lines).toEqual(['the link is cut', 'the link is open'])
})
