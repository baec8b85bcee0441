import { describe, expect, it } from 'vitest'
import { loadConfig } from './load-config.js'
import { sinkPlaceOf, sinkPlaceParsers } from './sink-place.js'

function parse(keys: string) {
  return loadConfig(`remote_write: [{ url: 'http://a/', ${keys} }]`, { file: 'f.yml', remoteWriteKeys: sinkPlaceParsers }).remoteWrite[0]
}

describe('the place of a sink', () => {
  it.each([
    ['', {}],
    ['overflow: , start: ', {}],
    ['overflow: drop-oldest', { overflow: 'drop-oldest' }],
    ['overflow: block, start: end', { overflow: 'block', start: 'end' }],
    ['start: beginning', { start: 'beginning' }],
  ])('is read from {%s}', (keys, place) => {
    const config = parse(keys)
    expect(config && sinkPlaceOf(config)).toEqual(place)
  })

  it.each([
    [
      'overflow: drop_oldest',
      'f.yml:1:46: remote_write[0].overflow: "drop_oldest" is not one of block, drop-oldest; did you mean drop-oldest?',
    ],
    ['overflow: [block]', 'f.yml:1:46: remote_write[0].overflow: expected a text, found a list'],
    ['start: now', 'f.yml:1:43: remote_write[0].start: "now" is not one of end, beginning'],
  ])('is not read from {%s}', (keys, message) => {
    expect(() => parse(keys)).toThrow(message)
  })
})
