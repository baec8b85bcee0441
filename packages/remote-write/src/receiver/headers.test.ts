import { describe, expect, it } from 'vitest'
import { readBodyKind } from './headers.js'

const bare = 'application/x-protobuf'
const named = 'application/x-protobuf;proto=prometheus.WriteRequest'

describe('readBodyKind()', () => {
  const taken: readonly (readonly [version: string | undefined, type: string])[] = [
    [undefined, bare],
    ['', bare],
    ['0.1.0', bare],
    ['0.2.0', bare],
    ['1.0', bare],
    ['1.2.0', bare],
    ['2', bare],
    ['20.1', bare],
    ['v1', bare],
    ['9.9.9', ''],
    ['2.0.0', named],
  ]
  for (const [version, type] of taken) {
    it(`takes version ${version} with ${JSON.stringify(type)}`, () => {
      expect(readBodyKind({ 'content-type': type, 'x-prometheus-remote-write-version': version })).toEqual({ message: 'v1' })
    })
  }

  const refused: readonly (readonly [version: string, type: string])[] = [
    ['2.0.0', bare],
    ['2.0.0-rc.4', bare],
    [' 2.1.0 ', `${bare}; charset=utf-8`],
    ['2.0.0', ''],
  ]
  for (const [version, type] of refused) {
    it(`refuses version ${version} with ${JSON.stringify(type)}`, () => {
      const refusal = `X-Prometheus-Remote-Write-Version ${JSON.stringify(version.trim())} is not supported here: send remote write 1.0 (0.1.0, prometheus.WriteRequest)`
      expect(readBodyKind({ 'content-type': type, 'x-prometheus-remote-write-version': version })).toEqual({ refusal })
    })
  }

  it('refuses version 2 without any content type', () => {
    expect(readBodyKind({ 'x-prometheus-remote-write-version': '2.0.0' })).toHaveProperty('refusal')
  })
})
