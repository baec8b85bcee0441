import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../../model/bytes.js'
import { BodyTrail } from './body-trail.js'

/** What is shown of a body whose fault is in line `line`, found when the piece came that has it; `stopLine` is where reading stopped. */
function excerptOf(pieces: readonly string[], line: number, stopLine = line) {
  const trail = new BodyTrail(false)
  const place = { line, column: 1 }
  const lines = pieces.join('').split('\n')
  const startOf = (number: number) => lines.slice(0, number - 1).reduce((sum, text) => sum + text.length + 1, 0)
  const lineStart = startOf(stopLine)
  let at = 0
  let isFaulty = false
  for (const piece of pieces) {
    at += piece.length
    if (isFaulty) trail.take(encodeUtf8(piece))
    else if (at < startOf(line + 1)) trail.pass(encodeUtf8(piece))
    else {
      trail.stop(encodeUtf8(piece), { left: encodeUtf8(pieces.join('').slice(lineStart, at)), line: stopLine }, place)
      isFaulty = true
    }
  }
  return trail.excerpt(place)
}

describe('of a faulty body is shown', () => {
  test('all, where it is short', () => {
    expect(excerptOf(['a 1\nb x\nc 1\n'], 2)).toEqual({ text: 'a 1\nb x\nc 1\n', line: 2, column: 1 })
    expect(excerptOf(['a 1\n', 'b x\n', 'c 1\n'], 2)).toEqual({ text: 'a 1\nb x\nc 1\n', line: 2, column: 1 })
    expect(excerptOf(['a 1\nb "x\n', 'y\n'], 3, 2)).toEqual({ text: 'a 1\nb "x\ny\n', line: 3, column: 1 })
  })

  test('what stands before the fault, where the beginning is gone', () => {
    const pieces = Array.from({ length: 3000 }, (_, i) => `line ${i + 1}\n`)
    const { text, firstLine = 1 } = excerptOf(pieces, 2500)
    expect(text.endsWith('line 2499\nline 2500\n')).toBe(true)
    expect(text.startsWith(`line ${firstLine}\n`)).toBe(true)
    expect(text.length).toBeGreaterThan(3500)
  })

  test('nothing but neighbours, however long the pieces are', () => {
    const text = Array.from({ length: 3000 }, (_, i) => `line ${i + 1}\n`).join('')
    for (const sizes of [[3000, 5000], [5000, 10], [4096], [1], [100, 4000, 9000]]) {
      const pieces: string[] = []
      for (let at = 0; at < text.length; at += pieces.at(-1)!.length) pieces.push(text.slice(at, at + sizes[pieces.length % sizes.length]!))
      const { text: shown, firstLine = 1 } = excerptOf(pieces, 2500)
      expect(text).toContain(shown)
      expect([shown.startsWith(`line ${firstLine}\n`), shown.endsWith('line 2500\n')]).toEqual([true, true])
    }
  })

  test('64 KiB at most', () => {
    const one = excerptOf(['line\n'.repeat(50_000)], 40_000)
    expect([one.text.length, one.firstLine]).toEqual([65_535, 40_000 - 13_106])
    expect(excerptOf(['a x\n', 'line\n'.repeat(50_000)], 1).text.length).toBe(65_536)
  })
})

test('where a fault has no place the beginning is shown, if it was asked for', () => {
  const trail = new BodyTrail(true)
  trail.pass(encodeUtf8('x'.repeat(60_000)))
  trail.pass(encodeUtf8('y'.repeat(60_000)))
  trail.stop(new Uint8Array(0), { left: new Uint8Array(0), line: 1 }, {})
  expect(trail.excerpt({})).toEqual({ text: 'x'.repeat(60_000) + 'y'.repeat(5536) })
})
