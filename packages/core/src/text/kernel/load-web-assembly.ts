/**
 * What a module exports that is written in WebAssembly and imports nothing; undefined where this processor or this Node cannot run it, or must
 * not compile WebAssembly.
 *
 * @param binary in Base64
 */
export function loadWebAssembly(binary: string): object | undefined {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(binary, 'base64'))).exports
  } catch {
    // Whoever asks has a plain twin that does the same.
    return undefined
  }
}
