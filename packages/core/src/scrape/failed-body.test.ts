import { expect, test } from 'vitest'
import { encodeUtf8 } from '../model/bytes.js'
import { keepFailedBody } from './failed-body.js'

test('a short body is kept whole, with the place of the fault', () => {
  expect(keepFailedBody(encodeUtf8('a 1\nb x\n'), { line: 2, column: 3 })).toEqual({ text: 'a 1\nb x\n', line: 2, column: 3 })
  expect(keepFailedBody(encodeUtf8('not found'), {})).toEqual({ text: 'not found' })
  expect(keepFailedBody(new Uint8Array(0), { line: 1, column: 1 })).toEqual({ text: '', line: 1, column: 1 })
})

test('of a long body the beginning is kept, where the fault is there', () => {
  const body = encodeUtf8('line 1\n'.repeat(100_000))
  const kept = keepFailedBody(body, { line: 3, column: 1 })
  expect(kept).toEqual({ text: 'line 1\n'.repeat(100_000).slice(0, 65_536), line: 3, column: 1 })
})

test('of a long body the lines up to the faulty one are kept, where it is further down', () => {
  const body = encodeUtf8(`${'12345678\n'.repeat(20_000)}broken\nafter\n`)
  const kept = keepFailedBody(body, { line: 20_001, column: 1 })
  expect(kept.text.length).toBeLessThanOrEqual(65_536)
  expect(kept.text.endsWith('12345678\nbroken\n')).toBe(true)
  expect(kept.text.startsWith('12345678\n')).toBe(true)
  expect((kept.firstLine ?? 1) + kept.text.split('\n').indexOf('broken')).toBe(20_001)
})

test('a line that is longer than what is kept shows its end', () => {
  const kept = keepFailedBody(encodeUtf8(`a 1\n${'x'.repeat(100_000)}\n`), { line: 2, column: 1 })
  expect(kept).toMatchObject({ line: 2, firstLine: 2 })
  expect(kept.text).toBe(`${'x'.repeat(65_535)}\n`)
})

test('bytes that are no text do not break it', () => {
  expect(keepFailedBody(Uint8Array.of(0xff, 0x41), { line: 1, column: 1 }).text).toBe('\ufffdA')
})
