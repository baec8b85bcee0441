/** The two functions of snappyjs 0.7.0, which has no types of its own. https://github.com/zhipeng-jia/snappyjs */
declare module 'snappyjs' {
  /** Compresses into the block format. */
  export function compress(uncompressed: Uint8Array): Uint8Array
  /** Decompresses the block format. Takes much that is malformed: check the block first. */
  export function uncompress(compressed: Uint8Array, maxLength?: number): Uint8Array
}
