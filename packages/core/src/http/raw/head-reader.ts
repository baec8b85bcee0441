import type { HttpResponseHead } from '../client-options.js'
import { headerName, headerValue } from '../validate-client-options.js'
import { LineReader } from './line-reader.js'
import { protocolError } from './protocol-error.js'

/** What an answer in HTTP/1 begins with. */
const versionPrefix = 'HTTP/1.'
/** RFC 9112 4. The reason means nothing, and servers leave out the blank before it. */
const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/
/** The head of an answer. */
export interface ResponseHead extends HttpResponseHead {
  /** Whether the peer speaks HTTP/1.0, which keeps no connections unless it says so. */
  readonly isOld: boolean
}

/** Reads the head of an answer, strictly. One for each head. */
export class HeadReader {
  readonly #fields = new FieldsReader()
  #status: number | undefined
  #isOld = false

  /**
   * Reads on at an offset. Returns the offset after the head, or undefined where the bytes end before it does. Throws a PromlineError,
   * `limit` or `protocol`.
   */
  read(bytes: Buffer, start: number): number | undefined {
    let at = start
    if (this.#status === undefined) {
      const next = this.#fields.lines.read(bytes, at, 'response line')
      const { line } = this.#fields.lines
      // Who speaks another protocol may wait for an answer in the middle of a line.
      if (!line.startsWith(versionPrefix.slice(0, line.length))) throw notHttp(line)
      if (next === undefined) return undefined
      this.#readStatus(line)
      at = next
    }
    return this.#fields.read(bytes, at)
  }

  /** The head, once it is complete. */
  get head(): ResponseHead {
    return { status: this.#status ?? 0, headers: this.#fields.fields, isOld: this.#isOld }
  }

  #readStatus(line: string): void {
    const match = statusLine.exec(line)
    if (match === null) throw notHttp(line)
    this.#isOld = match[1] === '0'
    this.#status = Number(match[2])
  }
}

/** Reads header fields up to the empty line after them: those of a head, or of a chunked body's trailers. */
export class FieldsReader {
  readonly lines: LineReader = new LineReader()
  /** By name in lower case; several values joined by ', '. */
  readonly fields: Record<string, string> = Object.create(null)

  /** As `HeadReader.read`. */
  read(bytes: Buffer, start: number): number | undefined {
    let at = start
    for (;;) {
      const next = this.lines.read(bytes, at, 'header value')
      if (next === undefined || this.lines.line === '') return next
      this.#add(this.lines.line)
      at = next
    }
  }

  #add(line: string): void {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon))
    if (line.startsWith(' ') || line.startsWith('\t')) throw protocolError('Unexpected whitespace after header value')
    if (!headerName.test(name)) throw protocolError('Invalid header token')
    const value = valueAfter(line, colon)
    if (value.includes('\r')) throw protocolError('Missing expected LF after header value')
    if (!headerValue.test(value)) throw protocolError('Invalid header value char')
    const key = name.toLowerCase()
    const before = this.fields[key]
    this.fields[key] = before === undefined ? value : `${before}, ${value}`
  }
}

/** The value of a field without the blanks and tabs that may surround it (RFC 9110 5.5). */
function valueAfter(line: string, colon: number): string {
  let start = colon + 1
  let end = line.length
  while (isBlank(line.charCodeAt(start))) start++
  while (end > start && isBlank(line.charCodeAt(end - 1))) end--
  return line.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** What is wrong with a status line. */
function notHttp(line: string): Error {
  if (line === '' || !line.startsWith('HTTP/'.slice(0, line.length))) return protocolError('Expected HTTP/, RTSP/ or ICE/')
  if (!/^HTTP\/1\.[01]( |$)/.test(line)) return protocolError('Invalid HTTP version')
  return protocolError(/^.{8} [1-9]\d\d/.test(line) ? 'Invalid response status' : 'Invalid status code')
}
