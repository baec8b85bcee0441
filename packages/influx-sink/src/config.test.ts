import { Secret } from '@promline/core'
import { describe, expect, it } from 'vitest'
import { type InfluxSinkOptions, validateInfluxSinkOptions } from './config.js'
import type { LineWriter } from './line-writer.js'

const writer: LineWriter = { write: () => Promise.resolve({ status: 204, body: '' }) }
const token = { value: new Secret('hunter2') }
const url = 'http://u:hunter2@h:8086'

describe('validateInfluxSinkOptions()', () => {
  it('fills in the defaults', () => {
    expect(validateInfluxSinkOptions({ writer })).toMatchObject({
      name: 'influx',
      database: 'influx',
      schema: 'prometheus',
      maxBodyBytes: 5_000_000,
    })
    expect(validateInfluxSinkOptions({ url, database: 'mydb' })).toMatchObject({ database: 'mydb' })
    expect(validateInfluxSinkOptions({ url, version: 2, org: 'o', bucket: 'b', token })).toMatchObject({ database: 'b' })
    expect(validateInfluxSinkOptions({ url, version: 2, org: 'o', database: 'd', token })).toMatchObject({ database: 'd' })
  })

  it.each<[object, string]>([
    [{ url, database: 'd', name: 'a/b' }, 'sink name "a/b" is not 1 to 64 letters, digits, "-" and "_"'],
    [{ url, database: 'd', version: 4 }, 'influx sink: version must be 1, 2 or 3, not 4'],
    [{ url, database: 'd', schema: 'x' }, 'influx sink: schema must be prometheus, telegraf-v1 or telegraf-v2, not "x"'],
    [{ url, database: 'd', maxBodyBytes: 1 }, 'influx sink: maxBodyBytes must be a whole number from 1000, not 1'],
    [{ url, database: 'd', timeoutMs: 0 }, 'influx sink: timeoutMs must be a whole number from 1, not 0'],
    [{ url }, 'influx sink: database must be given, not ""'],
    [{ url: `${url}/?org=o`, version: 2, org: 'o', bucket: 'b' }, 'influx sink: url must have no query in version 2, not "?org=o"'],
    [{ url, version: 2, org: 'o' }, 'influx sink: bucket must be given, not ""'],
    [{ url, version: 2, bucket: 'b' }, 'influx sink: org must be given, not undefined'],
    [{ url, database: 'd', token, username: 'u', password: token }, 'influx sink: token and username exclude each other, not "u"'],
    [{ url, database: 'd', username: 'u' }, 'influx sink: username and password belong together, not "u"'],
    [
      { url, version: 2, org: 'o', bucket: 'b', username: 'u', password: token },
      'influx sink: version 2 knows tokens, no username, not "u"',
    ],
    [{ database: 'd' }, 'influx sink: url must be an http or https URL'],
    [{ url: 'ftp://u:hunter2@h', database: 'd' }, 'influx sink: url must be an http or https URL'],
    [{ url: 'http://h', writer }, 'influx sink: writer stands instead of url, not "http://h"'],
  ])('refuses %o', (wrong, message) => {
    const options: InfluxSinkOptions = wrong
    expect(() => validateInfluxSinkOptions(options)).toThrow(expect.objectContaining({ code: 'options', message }))
  })
})
