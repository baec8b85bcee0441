import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Inflater } from './inflater.js'

/** Inflates in pieces of this size; returns the sizes of what comes out. */
async function inflate(body: Uint8Array, pieceBytes: number): Promise<{ pieces: number[]; whole: Buffer }> {
  const pieces: Buffer[] = []
  const inflater = new Inflater((piece) => void pieces.push(Buffer.from(piece)))
  for (let at = 0; at < body.length; at += pieceBytes) await inflater.write(body.subarray(at, at + pieceBytes))
  await inflater.end()
  return { pieces: pieces.map(({ length }) => length), whole: Buffer.concat(pieces) }
}

const bodies: [name: string, body: Buffer, isAtOnce: boolean][] = [
  ['nothing', Buffer.alloc(0), true],
  ['a small page', Buffer.from('a 1\n'.repeat(1000)), true],
  ['as much as is inflated at once', Buffer.alloc(512 * 1024, 'a'), true],
  ['a byte more', Buffer.alloc(512 * 1024 + 1, 'a'), false],
  ['a small body that inflates to much', Buffer.alloc(20_000_000, 'a'), false],
  ['a body that is large as it comes', randomBytes(300_000), false],
]
test.each(bodies)('%s', async (_name, body, isAtOnce) => {
  for (const pieceBytes of [1000, 65_536, 1_000_000]) {
    const { pieces, whole } = await inflate(gzipSync(body), pieceBytes)
    expect(whole.equals(body)).toBe(true)
    expect(pieces.length === 1).toBe(isAtOnce)
  }
})

const broken: [name: string, body: Buffer, code: string][] = [
  ['no gzip', Buffer.from('hello'), 'Z_DATA_ERROR'],
  ['nothing at all', Buffer.alloc(0), 'Z_BUF_ERROR'],
  ['a small body that is cut', gzipSync('hello').subarray(0, -4), 'Z_BUF_ERROR'],
  ['a large body that is cut', gzipSync(randomBytes(300_000)).subarray(0, -4), 'Z_BUF_ERROR'],
  ['garbage behind a large body', Buffer.concat([gzipSync(randomBytes(300_000)), Buffer.from('garbage')]), 'Z_DATA_ERROR'],
  ['garbage behind a bomb', Buffer.concat([gzipSync(Buffer.alloc(1_000_000)), Buffer.from('garbage')]), 'Z_DATA_ERROR'],
  ['a wrong checksum', Buffer.concat([gzipSync(Buffer.alloc(1_000_000)).subarray(0, -8), Buffer.alloc(8, 1)]), 'Z_DATA_ERROR'],
]
test.each(broken)('%s', async (_name, body, code) => {
  for (const pieceBytes of [1000, 1_000_000]) await expect(inflate(body, pieceBytes)).rejects.toMatchObject({ code })
})

test('padding behind a body, whatever comes after it', { timeout: 10_000 }, async () => {
  const body = randomBytes(300_000)
  const padded = Buffer.concat([gzipSync(body), Buffer.alloc(3000), Buffer.from('more'.repeat(1000))])
  for (const pieceBytes of [1000, 1_000_000]) expect((await inflate(padded, pieceBytes)).whole.equals(body)).toBe(true)
})
