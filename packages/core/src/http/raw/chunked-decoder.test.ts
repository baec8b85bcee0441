import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChunkedDecoder } from './chunked-decoder.js'
import { protocolError } from './protocol-error.js'

/** Cuts bytes where the property says. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].toSorted((a, b) => a - b)
  return [...ends, bytes.length].map((end, i) => Buffer.from(bytes.subarray(i === 0 ? 0 : ends[i - 1], end)))
}

function decode(pieces: readonly Buffer[]): { body: string; behind: number; isDone: boolean } {
  const decoder = new ChunkedDecoder()
  const parts: Buffer[] = []
  let behind = 0
  for (const piece of pieces) {
    const { start, end, next } = decoder.decode(piece)
    parts.push(piece.subarray(start, end))
    behind += piece.length - next
  }
  return { body: Buffer.concat(parts).toString('latin1'), behind, isDone: decoder.isDone }
}

const chunk = fc.record({
  data: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  zeros: fc.nat(3),
  upper: fc.boolean(),
  extension: fc.constantFrom('', ';a', ';a=b', ';a="x y";c'),
})
const message = fc.record({
  chunks: fc.array(chunk, { maxLength: 10 }),
  trailers: fc.array(fc.constantFrom('x: y', 'checksum: 123'), { maxLength: 3 }),
  behind: fc.constantFrom('', 'HTTP/1.1 200 OK\r\n'),
})

function encode({ chunks, trailers, behind }: typeof message extends fc.Arbitrary<infer T> ? T : never): Buffer {
  const parts = chunks.flatMap(({ data, zeros, upper, extension }) => {
    const size = data.length.toString(16)
    return [Buffer.from(`${'0'.repeat(zeros)}${upper ? size.toUpperCase() : size}${extension}\r\n`), data, Buffer.from('\r\n')]
  })
  return Buffer.concat([...parts, Buffer.from(`0\r\n${trailers.map((trailer) => `${trailer}\r\n`).join('')}\r\n${behind}`)])
}

test('chunks come together, wherever they and their frames are cut', () => {
  fc.assert(
    fc.property(message, fc.array(fc.nat(), { maxLength: 10 }), (given, places) => {
      const body = Buffer.concat(given.chunks.map(({ data }) => data)).toString('latin1')
      expect(decode(cut(encode(given), places))).toEqual({ body, behind: given.behind.length, isDone: true })
    }),
  )
})

test('a body that is cut is not done', () => {
  fc.assert(
    fc.property(message, fc.nat(), (given, place) => {
      const bytes = encode({ ...given, behind: '' })
      expect(decode([bytes.subarray(0, place % bytes.length)]).isDone).toBe(false)
    }),
  )
})

test('data of one read is one part', () => {
  const bytes = Buffer.from('2\r\nab\r\n3;x\r\ncde\r\n1\r\nf\r\n')
  const { start, end, next } = new ChunkedDecoder().decode(bytes)
  expect([bytes.toString('latin1', start, end), next]).toEqual(['abcdef', bytes.length])
})

test('a body of any bytes ends in a body or in an error of its own', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(), { maxLength: 5 }), (bytes, places) => {
      try {
        decode(cut(Buffer.from(bytes), places))
      } catch (error) {
        expect(error).toMatchObject({ code: 'protocol', message: expect.stringMatching(/^Response does not match/) })
      }
    }),
  )
})

test('a first line of a chunk that does not end', () => {
  expect(() => decode([Buffer.from(`2;${'x'.repeat(20_000)}`)])).toThrow('the headers of the answer are larger than 16 KiB')
  expect(() => decode([Buffer.from(`${'0'.repeat(20_000)}2\r\n`)])).toThrow('the headers of the answer are larger than 16 KiB')
})

test('the largest size that is a whole number to us', () => {
  const decoder = new ChunkedDecoder()
  expect(decoder.decode(Buffer.from('1fffffffffffff\r\nab'))).toMatchObject({ start: 16, end: 18 })
  expect(() => new ChunkedDecoder().decode(Buffer.from('20000000000000\r\nab'))).toThrow(protocolError('Chunk size overflow'))
})
