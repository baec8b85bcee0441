import { expect, test } from 'vitest'
import { isPromlineError } from '../model/errors.js'
import { formatListen, type ListenAddress, parseListen, urlOfAddress } from './listen-address.js'

const valid: [listen: string, address: ListenAddress, url: string][] = [
  ['127.0.0.1:8000', { host: '127.0.0.1', port: 8000 }, 'http://127.0.0.1:8000'],
  ['localhost:0', { host: 'localhost', port: 0 }, 'http://localhost:0'],
  ['my-host.example:65535', { host: 'my-host.example', port: 65_535 }, 'http://my-host.example:65535'],
  ['[::1]:9', { host: '::1', port: 9 }, 'http://[::1]:9'],
  ['[::ffff:127.0.0.1]:80', { host: '::ffff:127.0.0.1', port: 80 }, 'http://[::ffff:127.0.0.1]:80'],
  [':8000', { host: '', port: 8000 }, 'http://0.0.0.0:8000'],
]
test.each(valid)('%s', (listen, address, url) => {
  expect(parseListen(listen)).toEqual(address)
  expect(formatListen(address)).toBe(listen)
  expect(urlOfAddress(address)).toBe(url)
})

const invalid = [
  '',
  '8000',
  '127.0.0.1',
  '127.0.0.1:',
  '127.0.0.1:65536',
  '127.0.0.1:-1',
  '127.0.0.1:1x',
  '::1:9',
  '[::1]',
  '[x]:1',
  'http://a:1',
  'a b:1',
]
test.each(invalid)('refuses %j', (listen) => {
  try {
    parseListen(listen)
    expect.unreachable()
  } catch (error) {
    expect(isPromlineError(error, 'address')).toBe(true)
    expect(error).toMatchObject({ message: `listen address ${JSON.stringify(listen)} is not host:port, [IPv6]:port or :port` })
  }
})
