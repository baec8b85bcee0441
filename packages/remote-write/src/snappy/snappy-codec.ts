import { createRequire } from 'node:module'
import type * as snappyjs from 'snappyjs'
import { assertBlock } from './assert-block.js'
import { compress } from './compress.js'

/** Snappy's block format, never the framed one. The default is `snappyCodec`; a native one fits behind it. */
export interface SnappyCodec {
  compress(bytes: Uint8Array): Uint8Array
  /**
   * The content of a block. Throws a PromlineError: `limit` where the declared length is above `maxBytes`, before anything is
   * allocated; `decode` where the block is not well-formed to the letter.
   */
  decompress(block: Uint8Array, maxBytes: number): Uint8Array
}

/**
 * A literal of three bytes, which snappyjs writes past the end of its output, where a typed array ignores it. After it, snappyjs finds
 * the bytes that it wants to see after a literal with a long length and would otherwise refuse a legal block.
 */
const padding = Uint8Array.of(2 << 2, 0, 0, 0)

const load = createRequire(import.meta.url)
let loaded: typeof snappyjs | undefined

/** Loaded when it is needed: who sends does without. */
function loadSnappyjs(): typeof snappyjs {
  return load('snappyjs')
}

/** Our own compressor, and snappyjs behind strict checks: by itself it takes blocks that produce more or less than they declare. */
export const snappyCodec: SnappyCodec = {
  compress,
  decompress(block, maxBytes) {
    const { endsInWideLiteral } = assertBlock(block, maxBytes)
    loaded ??= loadSnappyjs()
    return loaded.uncompress(endsInWideLiteral ? Buffer.concat([block, padding]) : block)
  },
}
