import { expect, it } from 'vitest'
import { requestPath } from './request-path.js'

const rows: readonly (readonly [target: string | undefined, path: string])[] = [
  ['/api/v1/write', '/api/v1/write'],
  ['/api/v1/write?a=/b', '/api/v1/write'],
  ['http://x/api/v1/write', '/api/v1/write'],
  ['http://x:9090/api/v1/write?a=b', '/api/v1/write'],
  ['HTTPS://user@[::1]:9090/api/v1/write', '/api/v1/write'],
  ['http://x', '/'],
  ['http://x?a=/b', '/'],
  ['//x/api/v1/write', '//x/api/v1/write'],
  ['/http://x/api/v1/write', '/http://x/api/v1/write'],
  ['ftp://x/api/v1/write', 'ftp://x/api/v1/write'],
  ['*', '*'],
  [undefined, '/'],
]
for (const [target, path] of rows) it(`requestPath(${target}) is ${path}`, () => expect(requestPath(target)).toBe(path))
