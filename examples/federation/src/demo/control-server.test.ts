import { silentLogger } from '@promline/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AlertLog } from './alert-log.js'
import { createControlServer } from './control-server.js'

const alerts = new AlertLog(() => {})
let url: string
let close: () => Promise<void>

beforeAll(async () => {
  const listener = await createControlServer({
    listen: '127.0.0.1:0',
    alerts,
    state: () => 'all is well\n',
    logger: silentLogger,
    actions: [
      { path: 'link/cut', run: () => 'the link is cut' },
      {
        path: 'programs/centre/start',
        run: async () => {
          throw new Error('the centre does not start')
        },
      },
    ],
  })
  url = listener.url
  close = () => listener.close()
})

afterAll(() => close())

async function ask(path: string, init?: RequestInit): Promise<[number, string]> {
  const response = await fetch(`${url}${path}`, init)
  return [response.status, await response.text()]
}

describe('createControlServer()', () => {
  it('tells the state', async () => {
    expect(await ask('/')).toEqual([200, 'all is well\n'])
  })

  it('takes what Alertmanager sends, and shows it', async () => {
    const body = JSON.stringify({ alerts: [{ status: 'firing', labels: { alertname: 'A' }, annotations: {} }] })
    expect(await ask('/webhook', { method: 'POST', body })).toEqual([200, 'taken\n'])
    const [status, shown] = await ask('/alerts')
    expect([status, JSON.parse(shown)]).toMatchObject([200, [{ status: 'firing', labels: { alertname: 'A' } }]])
  })

  it.each<[string, RequestInit, number, string]>([
    ['/link/cut', { method: 'POST' }, 200, 'the link is cut\n'],
    ['/link/cut', {}, 405, 'method GET is not allowed: expected POST\n'],
    ['/link/cut', { method: 'POST', headers: { origin: 'http://elsewhere' } }, 403, 'not for web pages\n'],
    ['/programs/centre/start', { method: 'POST' }, 500, 'the centre does not start\n'],
    ['/webhook', { method: 'POST', body: 'x' }, 400, 'the body of the webhook is no JSON\n'],
    ['/nowhere', { method: 'POST' }, 404, 'not found: / says what there is\n'],
    ['/', { method: 'POST' }, 405, 'method POST is not allowed: expected GET\n'],
  ])('%s %j', async (path, init, status, text) => {
    expect(await ask(path, init)).toEqual([status, text])
  })

  it('takes no body of any size', async () => {
    const [status, text] = await ask('/webhook', { method: 'POST', body: ' '.repeat(1024 * 1024 + 1) })
    expect([status, text]).toEqual([413, 'the request body is larger than 1048576 bytes\n'])
  })
})
