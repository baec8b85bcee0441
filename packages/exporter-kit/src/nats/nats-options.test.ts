import { describe, expect, test } from 'vitest'
import { type NatsCollectorOptions, validateNatsOptions } from './nats-options.js'

const url = 'http://127.0.0.1:8222'

test('what is not said has its default', () => {
  const { polling, ...options } = validateNatsOptions({ servers: [{ url }] })
  expect(options).toEqual({
    servers: [{ url, name: url, http: {} }],
    corePrefix: 'gnatsd',
    jetstreamPrefix: 'jetstream',
    collectors: {
      varz: true,
      connz: true,
      routez: true,
      gatewayz: true,
      leafz: true,
      subsz: true,
      healthz: true,
      healthzJsServerOnly: false,
      healthzJsEnabledOnly: false,
      jsz: 'all',
      accstatz: true,
      accountz: false,
    },
    serverId: 'configured',
    streamMetaKeys: [],
    consumerMetaKeys: [],
    aliases: false,
    maxItems: 8_192,
    maxBodyBytes: 33_554_432,
  })
  expect(polling.intervalMs).toBe(10_000)
})

test('a prefix is before all names, and a URL is its own name as it was given', () => {
  const options = validateNatsOptions({ servers: [{ url: 'https://nats.example:8222/base/' }], prefix: 'nats' })
  expect(options).toMatchObject({ corePrefix: 'nats', jetstreamPrefix: 'nats' })
  expect(options.servers[0]).toMatchObject({ url: 'https://nats.example:8222/base', name: 'https://nats.example:8222/base/' })
})

describe('what only JavaScript can say is refused as well', () => {
  test.each([
    [
      '{"collectors": {"connections": true}}',
      'collectors.connections is unknown: there are varz, connz, routez, gatewayz, leafz, subsz, healthz, healthzJsServerOnly, healthzJsEnabledOnly, jsz, accstatz, accountz',
    ],
    ['{"collectors": {"connz": "detail"}}', 'collectors.connz must be true or false or "detailed", not "detail"'],
    ['{"collectors": {"jsz": true}}', 'collectors.jsz must be false or "accounts" or "streams" or "consumers" or "all", not true'],
    ['{"collectors": {"varz": null}}', 'collectors.varz must be true or false, not null'],
    ['{"servers": "http://127.0.0.1:8222"}', 'servers must be a list of { url }, not "http://127.0.0.1:8222"'],
    ['{"servers": null}', 'servers must be a list of { url }, not null'],
    ['{"servers": [{"url": "http://127.0.0.1:8222", "name": 5}]}', 'servers[0].name must be a text, not 5'],
    ['{"servers": [{"url": 8222}]}', 'servers[0].url must be an http or https URL'],
    ['{"serverId": "url"}', 'serverId must be "configured" or "id" or "name", not "url"'],
  ])('%s', (options, message) => {
    const validate = () => validateNatsOptions({ servers: [{ url }], ...JSON.parse(options) })
    expect(validate).toThrow(expect.objectContaining({ code: 'options', message: `NATS collector: ${message}` }))
  })
})

describe('what makes no sense is refused by name', () => {
  const off = { varz: false, connz: false, routez: false, gatewayz: false, leafz: false, subsz: false, healthz: false } as const
  test.each<[Partial<NatsCollectorOptions>, string]>([
    [{ servers: [] }, 'servers must name one server at least'],
    [{ servers: [{ url: '127.0.0.1:8222' }] }, 'servers[0].url must be an http or https URL'],
    [{ servers: [{ url: 'nats://127.0.0.1:4222' }] }, 'servers[0].url must be an http or https URL'],
    [
      { servers: [{ url }, { url: 'http://bob:hush@127.0.0.1' }] },
      'servers[1].url must be without user information: give it as http.basicAuth',
    ],
    [{ servers: [{ url: `${url} ` }] }, 'servers[0].url must be an http or https URL'],
    [{ servers: [{ url: `${url}/?` }] }, 'servers[0].url must be without a query and a fragment'],
    [{ servers: [{ url: `${url}?a=b` }] }, 'servers[0].url must be without a query and a fragment'],
    [{ servers: [{ url, name: '' }] }, 'servers[0].name must not be empty'],
    [
      {
        servers: [
          { url, name: 'a' },
          { url, name: 'a' },
        ],
      },
      'servers[1].name is taken: two servers are called a',
    ],
    [{ prefix: '2nats' }, 'prefix must be letters, digits and underscores, and begin with no digit, not "2nats"'],
    [{ prefix: '' }, 'prefix must be letters, digits and underscores, and begin with no digit, not ""'],
    [{ collectors: { ...off, jsz: false, accstatz: false } }, 'collectors must not all be off'],
    [{ streamMetaKeys: ['a-b'] }, 'streamMetaKeys must be letters, digits and underscores, each key once, not "a-b"'],
    [{ consumerMetaKeys: ['a', 'a'] }, 'consumerMetaKeys must be letters, digits and underscores, each key once, not "a"'],
    [{ maxItems: 0 }, 'maxItems must be a whole number from 1, not 0'],
    [{ maxBodyBytes: 1.5 }, 'maxBodyBytes must be a whole number from 1, not 1.5'],
  ])('%j', (options, message) => {
    const validate = () => validateNatsOptions({ servers: [{ url }], ...options })
    expect(validate).toThrow(expect.objectContaining({ code: 'options', message: `NATS collector: ${message}` }))
  })
})
