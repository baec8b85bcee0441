import { encodeUtf8 } from '../../model/bytes.js'
import { ParseError } from '../parse-error.js'
import { parseTextEntries } from '../parse-text.js'
import type { TextMode } from '../text-entry.js'

/** A body: text, or bytes where it is not valid UTF-8. */
export type Body = string | Uint8Array

export function bytesOf(body: Body): Uint8Array {
  return typeof body === 'string' ? encodeUtf8(body) : body
}

/** Bytes from text in which each character up to U+00FF is a byte. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'))
}

/** What a body comes to: `name{a="b"} value @timestamp` for each sample, or the message of the ParseError. Lets other errors pass. */
export function describeEntries(body: Body, mode: TextMode): string[] | string {
  const lines: string[] = []
  try {
    parseTextEntries(bytesOf(body), { mode }, ({ labels, value, timestampMs }) => {
      const pairs = Array.from({ length: labels.length }, (_, i) => [labels.nameAt(i), labels.valueAt(i)] as const)
      const name = pairs.find(([label]) => label === '__name__')?.[1]
      const others = pairs.filter(([label]) => label !== '__name__').map(([label, text]) => `${label}=${JSON.stringify(text)}`)
      const timestamp = timestampMs === undefined ? '' : ` @${timestampMs}`
      lines.push(`${name}{${others.join()}} ${Object.is(value, -0) ? '-0' : value}${timestamp}`)
    })
    return lines
  } catch (error) {
    if (error instanceof ParseError) return error.message
    throw error
  }
}
