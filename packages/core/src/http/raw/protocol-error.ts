import { PromlineError } from '../../model/errors.js'
import { maxHeadBytes } from '../transport.js'

/** The error of an answer that is not HTTP/1.1, in the words of undici's parser. */
export function protocolError(reason: string): PromlineError {
  return new PromlineError('protocol', `Response does not match the HTTP/1.1 protocol (${reason})`)
}

/** The error of headers, or trailers, beyond their limit. */
export function headLimitError(): PromlineError {
  return new PromlineError('limit', `the headers of the answer are larger than ${maxHeadBytes / 1024} KiB`)
}
