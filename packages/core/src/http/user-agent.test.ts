import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { userAgent } from './user-agent.js'

test('names the version of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  expect(userAgent).toBe(`promline/${version}`)
})
