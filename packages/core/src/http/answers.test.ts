import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { isPromlineError } from '../model/errors.js'
import { createClient, get, say, textOf } from './servers.test.helper.js'

const ok = 'HTTP/1.1 200 OK\r\n'
const sized = 'content-length: 2\r\n\r\nok'
const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`
const zipped = gzipSync('hello')

function gzipped(body: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${ok}content-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`), body])
}

const notHttp = (reason: string) => `protocol: Response does not match the HTTP/1.1 protocol (${reason})`
const closed = 'connect: connection closed by the peer'
const tooLarge = 'limit: the headers of the answer are larger than 16 KiB'
const wrongLength = 'protocol: the body is not as long as its content-length says'
const brokenGzip = 'protocol: the gzip body is broken'
const shortGzip = 'protocol: the gzip body ends too early'

/** What undici makes of it, where that is something else: it is laxer here and there, and calls some things by other names. */
interface Undici {
  readonly undici?: string
}

const answers: [name: string, said: string | Buffer, expected: string, options?: Undici & { end?: 'end' }][] = [
  // status lines
  ['HTTP/1.0', `HTTP/1.0 200 OK\r\n${sized}`, '200 ok'],
  ['HTTP/1.0 up to its end', 'HTTP/1.0 200 OK\r\n\r\nok', '200 ok', { end: 'end' }],
  ['HTTP/1.2', `HTTP/1.2 200 OK\r\n${sized}`, notHttp('Invalid HTTP version')],
  ['HTTP/2.0', `HTTP/2.0 200 OK\r\n${sized}`, notHttp('Invalid HTTP version'), { undici: '200 ok' }],
  ['no reason', `HTTP/1.1 200\r\n${sized}`, '200 ok'],
  ['an empty reason', `HTTP/1.1 200 \r\n${sized}`, '200 ok'],
  ['two blanks', `HTTP/1.1  200 OK\r\n${sized}`, notHttp('Invalid status code')],
  ['a status of two digits', `HTTP/1.1 20 OK\r\n${sized}`, notHttp('Invalid status code')],
  ['a status of four digits', `HTTP/1.1 2000 OK\r\n${sized}`, notHttp('Invalid response status')],
  ['a status of letters', `HTTP/1.1 abc OK\r\n${sized}`, notHttp('Invalid status code')],
  ['a status of no class', `HTTP/1.1 600 OK\r\n${sized}`, '600 ok'],
  ['the banner of SSH', 'SSH-2.0-OpenSSH_9\r\n', notHttp('Expected HTTP/, RTSP/ or ICE/')],
  ['no complete line of another protocol', 'hello', notHttp('Expected HTTP/, RTSP/ or ICE/')],
  ['a status line without CR', `HTTP/1.1 200 OK\n${sized}`, notHttp('Missing expected CR after response line')],
  ['an answer without CRs', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok', notHttp('Missing expected CR after response line')],
  // heads before the one that counts
  ['100', `HTTP/1.1 100 Continue\r\n\r\n${ok}${sized}`, '200 ok', { undici: closed }],
  ['103, twice', `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n${ok}${sized}`, '200 ok'],
  [
    '101',
    'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nxx',
    'protocol: the server switches to another protocol, which nobody asked for',
    { undici: closed },
  ],
  // fields
  ['a folded line', `${ok}x: a\r\n b\r\n${sized}`, notHttp('Unexpected whitespace after header value')],
  ['a blank before the colon', `${ok}x : a\r\n${sized}`, notHttp('Invalid header token')],
  ['no colon', `${ok}xyz\r\n${sized}`, notHttp('Invalid header token')],
  ['no name', `${ok}: xyz\r\n${sized}`, notHttp('Invalid header token')],
  ['a name with a bracket', `${ok}x(y): a\r\n${sized}`, notHttp('Invalid header token')],
  ['a NUL', `${ok}x: a\0b\r\n${sized}`, notHttp('Invalid header value char')],
  ['a DEL', `${ok}x: a\x7fb\r\n${sized}`, notHttp('Invalid header value char')],
  ['a CR', `${ok}x: a\rb\r\n${sized}`, notHttp('Missing expected LF after header value')],
  ['a field without CR', `${ok}x: 1\n${sized}`, notHttp('Missing expected CR after header value')],
  ['a value in UTF-8', `${ok}x: é\r\n${sized}`, '200 ok'],
  ['many fields', `${ok}${'a: b\r\n'.repeat(300)}${sized}`, '200 ok'],
  ['large fields', `${ok}x: ${'y'.repeat(16_000)}\r\n${sized}`, '200 ok'],
  ['fields that are too large', `${ok}${`x: ${'y'.repeat(1000)}\r\n`.repeat(20)}${sized}`, tooLarge],
  ['a field that does not end', `${ok}x: ${'y'.repeat(100_000)}`, tooLarge],
  // framing: where it is not clear, two programs could see two bodies
  ['two lengths', `${ok}content-length: 3\r\n${sized}`, notHttp('Content-Length already present'), { undici: wrongLength }],
  ['the same length twice', `${ok}content-length: 2\r\n${sized}`, notHttp('Content-Length already present'), { undici: wrongLength }],
  ['a negative length', `${ok}content-length: -2\r\n\r\nok`, notHttp('Invalid character in Content-Length')],
  ['a length with a sign', `${ok}content-length: +2\r\n\r\nok`, notHttp('Invalid character in Content-Length')],
  ['a length in hexadecimal', `${ok}content-length: 0x2\r\n\r\nok`, notHttp('Invalid character in Content-Length')],
  ['an empty length', `${ok}content-length: \r\n\r\nok`, notHttp('Empty Content-Length')],
  ['a length beyond 2^53', `${ok}content-length: 9007199254740993\r\n\r\nok`, notHttp('Content-Length overflow'), { undici: limit() }],
  [
    'a length and chunks',
    `${ok}transfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    notHttp("Content-Length can't be present with Transfer-Encoding"),
  ],
  [
    'another transfer encoding',
    `${ok}transfer-encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    notHttp('Transfer-Encoding "gzip, chunked" is not supported'),
    { undici: '200 ok' },
  ],
  [
    'an encoding that is not quite chunked',
    `${ok}transfer-encoding: xchunked\r\n\r\nok`,
    notHttp('Transfer-Encoding "xchunked" is not supported'),
    { undici: '200 ok', end: 'end' },
  ],
  // chunks
  ['chunks', `${chunked}1\r\no\r\n01\r\nk\r\n0\r\n\r\n`, '200 ok'],
  ['chunks with extensions', `${chunked}2;a=b;c="d e"\r\nok\r\n0;x\r\n\r\n`, '200 ok'],
  ['chunks and trailers', `${chunked}2\r\nok\r\n0\r\nx: y\r\nz: w\r\n\r\n`, '200 ok'],
  ['Chunked', `${ok}Transfer-Encoding: Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`, '200 ok'],
  ['a size without digits', `${chunked}\r\nok\r\n0\r\n\r\n`, notHttp('Invalid character in chunk size')],
  ['a size after a blank', `${chunked} 2\r\nok\r\n0\r\n\r\n`, notHttp('Invalid character in chunk size')],
  ['a size before a blank', `${chunked}2 \r\nok\r\n0\r\n\r\n`, notHttp('Invalid character in chunk size')],
  ['a size with a sign', `${chunked}-2\r\nok\r\n0\r\n\r\n`, notHttp('Invalid character in chunk size')],
  ['a size with 0x', `${chunked}0x2\r\nok\r\n0\r\n\r\n`, notHttp('Invalid character in chunk size')],
  ['a size beyond any', `${chunked}fffffffffffffffff\r\nok\r\n0\r\n\r\n`, notHttp('Chunk size overflow')],
  ['a size without CR', `${chunked}2\nok\r\n0\r\n\r\n`, notHttp('Missing expected CR after chunk size')],
  ['a size without LF', `${chunked}2\rXok\r\n0\r\n\r\n`, notHttp('Expected LF after chunk size')],
  ['data without CR', `${chunked}2\r\nok\n0\r\n\r\n`, notHttp('Missing expected CR after chunk data')],
  ['data that goes on', `${chunked}2\r\nokok\r\n0\r\n\r\n`, notHttp('Expected LF after chunk data')],
  [
    'an extension with a control character',
    `${chunked}2;a\x01\r\nok\r\n0\r\n\r\n`,
    notHttp('Invalid character in chunk extensions'),
    { undici: notHttp('Invalid character in chunk extensions name') },
  ],
  ['a trailer without a colon', `${chunked}2\r\nok\r\n0\r\nxy\r\n\r\n`, notHttp('Invalid header token')],
  ['trailers that are too large', `${chunked}2\r\nok\r\n0\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, tooLarge],
  // bodies
  ['a body up to the end', `${ok}\r\nok`, '200 ok', { end: 'end' }],
  ['no body', 'HTTP/1.1 204 No Content\r\n\r\n', '204 '],
  ['no body, of a length', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 10\r\n\r\n', '304 ', { undici: wrongLength }],
  ['something behind the body', `${ok}content-length: 2\r\n\r\nok${ok}content-length: 3\r\n\r\nbad`, '200 ok'],
  // cut
  ['nothing', '', closed, { end: 'end' }],
  ['a head that is cut', `${ok}content-le`, closed, { end: 'end' }],
  ['a body that is cut', `${ok}content-length: 5\r\n\r\nok`, closed, { end: 'end' }],
  ['a chunk that is cut', `${chunked}5\r\nok`, closed, { end: 'end' }],
  ['chunks without the last', `${chunked}2\r\nok\r\n`, closed, { end: 'end' }],
  ['trailers that are cut', `${chunked}2\r\nok\r\n0\r\n`, closed, { end: 'end' }],
  // gzip
  ['gzip', gzipped(zipped), '200 hello'],
  ['gzip of two members', gzipped(Buffer.concat([zipped, zipped])), '200 hellohello'],
  ['gzip and zeros', gzipped(Buffer.concat([zipped, Buffer.alloc(8)])), '200 hello'],
  ['gzip and garbage', gzipped(Buffer.concat([zipped, Buffer.from('garbage')])), brokenGzip],
  ['gzip that is cut', gzipped(zipped.subarray(0, -4)), shortGzip],
  ['gzip of a wrong checksum', gzipped(Buffer.concat([zipped.subarray(0, -8), Buffer.alloc(4, 1), zipped.subarray(-4)])), brokenGzip],
  ['gzip of nothing', `${ok}content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, shortGzip],
  ['nothing instead of gzip', `${ok}content-encoding: gzip\r\ncontent-length: 0\r\n\r\n`, '200 '],
]

function limit(): string {
  return 'limit: the body reaches the limit of 1000000 bytes'
}

async function ask(url: string, rawHttp: boolean): Promise<string> {
  try {
    const response = await get(createClient({ rawHttp }), url)
    return `${response.status} ${textOf(response)}`
  } catch (error) {
    return isPromlineError(error) ? `${error.code}: ${error.message.replace(`${url}/: `, '')}` : String(error)
  }
}

test.each(answers)('%s', async (_name, said, expected, { undici = expected, end } = {}) => {
  const url = await say(said, end)
  expect(await ask(url, true)).toBe(expected)
  expect(await ask(url, false)).toBe(undici)
})

test('headers are given as they came: several values together, and no name is special', async () => {
  const url = await say(`${ok}X-Twice: a\r\nx-twice: b\r\n__proto__: c\r\nx-blank: \t d \r\ncontent-length: 0\r\n\r\n`)
  const { headers } = await get(createClient(), url)
  expect({ ...headers }).toEqual({ 'x-twice': 'a, b', ['__proto__']: 'c', 'x-blank': 'd', 'content-length': '0' })
})
