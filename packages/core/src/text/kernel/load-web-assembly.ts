/**
 * A function that loads a module in WebAssembly when it is first asked for, once for the process, and gives what `create` makes of its exports;
 * undefined where this processor or this Node cannot run it, or must not compile WebAssembly.
 *
 * @param binary in Base64, of a module that imports nothing
 */
export function webAssemblyLoader<Kernel>(binary: string, create: (exports: object) => Kernel | undefined): () => Kernel | undefined {
  let kernel: Kernel | undefined
  let isTried = false
  return () => {
    if (!isTried) {
      isTried = true
      const exports = loadWebAssembly(binary)
      kernel = exports && create(exports)
    }
    return kernel
  }
}

function loadWebAssembly(binary: string): object | undefined {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(binary, 'base64'))).exports
  } catch {
    // Whoever asks has a plain twin that does the same.
    return undefined
  }
}
