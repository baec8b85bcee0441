import { expect, test } from 'vitest'
import { decodeUtf8, encodeUtf8 } from '../../model/bytes.js'
import { createRandom } from '../../model/testdata/random.js'
import { BodyPieces } from './body-pieces.js'

/** Reads a body in pieces; `take` says how much of a window is used. Returns what was used, and how many bytes were looked at. */
function read(pieces: readonly string[], take: (window: string, isLast: boolean) => number) {
  const body = new BodyPieces()
  let used = ''
  let looked = 0
  const use = () => {
    const window = decodeUtf8(body.window)
    looked += window.length
    const count = take(window, body.isLast)
    used += window.slice(0, count)
    return count
  }
  for (const piece of pieces) {
    const lent = encodeUtf8(piece)
    body.add(lent)
    for (let more = body.next(0); more; ) more = body.next(use())
    lent.fill(0)
  }
  body.end()
  use()
  return { used, looked }
}

const lines = (window: string, isLast: boolean) => (isLast ? window.length : window.lastIndexOf('\n') + 1)

test.each<[pieces: string[]]>([
  [['a 1\nb 2\n']],
  [['a 1\nb', ' 2\n']],
  [['a 1\n', '', 'b 2\n']],
  [['a', ' ', '1', '\n', 'b', ' ', '2', '\n']],
  [['a 1\nb 2']],
  [[]],
])('every byte is in a window once it is used: %j', (pieces) => {
  expect(read(pieces, lines).used).toBe(pieces.join(''))
})

test('however it is cut', () => {
  const below = createRandom(7)
  for (let run = 0; run < 300; run++) {
    const text = Array.from({ length: below(40) }, () => 'x'.repeat(below(30)) + (below(4) > 0 ? '\n' : '')).join('')
    const pieces: string[] = []
    for (let at = 0; at < text.length; ) {
      const end = at + 1 + below(60)
      pieces.push(text.slice(at, end))
      at = end
    }
    expect(read(pieces, lines).used).toBe(text)
  }
})

test('a body that cannot be read before its end is not looked at again and again', () => {
  const pieces = Array.from({ length: 1000 }, () => 'x\n'.repeat(50))
  const { used, looked } = read(pieces, (window, isLast) => (isLast ? window.length : 0))
  expect(used).toBe(pieces.join(''))
  expect(looked).toBeLessThan(4 * used.length)
})
