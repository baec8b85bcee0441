import { expect, test } from 'vitest'
import { encodeUtf8 } from '../model/bytes.js'
import { BodyWindow } from './body-window.js'
import { excerptOf, type FailedBody, keepFailedBody } from './failed-body.js'

/** What is kept of a body that comes in pieces, and whose fault is seen when line `line` has come. */
function keep(body: Uint8Array, line: number, pieceBytes: number): FailedBody {
  const window = new BodyWindow()
  let end = 0
  for (let i = 0; i < line; i++) end = body.indexOf(0x0a, end) + 1
  for (let at = 0; at < body.length; at += pieceBytes) {
    const next = Math.min(body.length, at + pieceBytes)
    if (at < end && end <= next) {
      window.take(body.subarray(at, end))
      window.fault()
      window.take(body.subarray(end, next))
    } else window.take(body.subarray(at, next))
  }
  return excerptOf(window, { line, column: 1 })
}

const short = encodeUtf8(Array.from({ length: 50_000 }, (_, i) => `line ${i}\n`).join(''))
const long = encodeUtf8(`a 1\n${'x'.repeat(150_000)}\nb 2\n${'y'.repeat(70_000)}\n`)

const cases: [name: string, body: Uint8Array, line: number][] = [
  ['the first line', short, 1],
  ['the last line of the beginning', short, 6000],
  ['a line just behind the beginning', short, 6100],
  ['a line further down', short, 14_000],
  ['the last line', short, 50_000],
  ['a line longer than what is kept', long, 2],
  ['the line after that', long, 3],
  ['a long line that comes later', long, 4],
]
test.each(cases)('of %s the same is kept, whatever the pieces', (_name, body, line) => {
  const expected = keepFailedBody(body, { line, column: 1 })
  for (const pieceBytes of [1000, 65_535, 65_536, 65_537, 100_000, 1_000_000]) expect(keep(body, line, pieceBytes)).toEqual(expected)
})

test('a fault in no line shows the beginning', () => {
  const window = new BodyWindow()
  for (let i = 0; i < 10; i++) window.take(encodeUtf8('line\n'.repeat(10_000)))
  expect(excerptOf(window, {})).toEqual({ text: 'line\n'.repeat(100_000).slice(0, 65_536) })
})
