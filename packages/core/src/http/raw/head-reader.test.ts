import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HeadReader } from './head-reader.js'

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/)
const value = fc.stringMatching(/^[!-~]([\t -~]{0,20}[!-~])?$/)

test('a head is the same, wherever it is cut', () => {
  const fields = fc.array(fc.tuple(token, fc.constantFrom('', ' ', '\t '), value, fc.constantFrom('', '  ')), { maxLength: 8 })
  const status = fc.integer({ min: 100, max: 999 })
  fc.assert(
    fc.property(status, fields, fc.array(fc.nat(), { maxLength: 8 }), (code, lines, places) => {
      const expected: Record<string, string> = Object.create(null)
      for (const [name, , text] of lines) {
        const key = name.toLowerCase()
        expected[key] = key in expected ? `${expected[key]}, ${text}` : text
      }
      const head = `HTTP/1.1 ${code} Fine\r\n${lines.map(([name, before, text, after]) => `${name}:${before}${text}${after}\r\n`).join('')}\r\n`
      const bytes = Buffer.from(`${head}body`)
      const ends = [...new Set(places.map((place) => place % head.length))].toSorted((a, b) => a - b)
      const reader = new HeadReader()
      let start = 0
      for (const end of ends) {
        expect(reader.read(Buffer.from(bytes.subarray(start, end)), 0)).toBeUndefined()
        start = end
      }
      expect(reader.read(bytes.subarray(start), 0)).toBe(head.length - start)
      expect(reader.head).toEqual({ status: code, headers: expected, isOld: false })
    }),
  )
})

test('any bytes end in a head or in an error of its own', () => {
  const piece = fc.oneof(fc.string(), fc.constantFrom('HTTP/1.1 200 OK\r\n', 'HTTP/1.', '\r\n', '\n', '\r', ': ', 'a: b\r\n', ' ', '\0'))
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const reader = new HeadReader()
      try {
        for (const text of pieces) if (reader.read(Buffer.from(text), 0) !== undefined) return
      } catch (error) {
        expect(error).toMatchObject({ code: 'protocol', message: expect.stringMatching(/^Response does not match/) })
      }
    }),
  )
})

test('a head at its limit is read, a larger one is not', () => {
  const head = (size: number) => {
    const frame = 'HTTP/1.1 200 OK\r\nx: \r\n\r\n'.length
    return Buffer.from(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(size - frame)}\r\n\r\n`)
  }
  expect(new HeadReader().read(head(16_384), 0)).toBe(16_384)
  expect(() => new HeadReader().read(head(16_385), 0)).toThrow('the headers of the answer are larger than 16 KiB')
})
