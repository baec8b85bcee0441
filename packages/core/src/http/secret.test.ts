import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { redactUrl, Secret } from './secret.js'

test('a secret shows itself nowhere but where it is asked for', () => {
  const secret = new Secret('canary')
  expect(secret.reveal()).toBe('canary')
  const shown = [
    String(secret),
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ secret }, { showHidden: true }),
    Object.values(secret),
  ]
  expect(shown.join(' ')).not.toContain('canary')
  expect(JSON.stringify({ secret })).toBe('{"secret":"<secret>"}')
})

const urls: [url: string, redacted: string][] = [
  ['http://user:canary@host:9090/api/v1/write?token=canary#canary', 'http://host:9090/api/v1/write'],
  ['https://[::1]:1/', 'https://[::1]:1/'],
  ['canary', '<invalid URL>'],
]
test.each(urls)('redactUrl %s', (url, redacted) => {
  expect(redactUrl(url)).toBe(redacted)
})
