// Compiles the kernels, which are written in AssemblyScript, and writes each binary beside the code that runs it, so that nobody who installs
// or builds promline needs the compiler; with --print NAME one of them to stdout, which a test compares with its file.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Each with the pages of 64 KiB that its arrays need. */
const kernels = [
  { source: 'packages/core/kernel/match-lines.ts', target: 'packages/core/src/text/kernel/kernel-binary.ts', pages: 11 },
  {
    source: 'packages/remote-write/kernel/encode-rows.ts',
    target: 'packages/remote-write/src/v1/template/kernel/kernel-binary.ts',
    pages: 74,
  },
]
// As a program: its types would declare another `console` for all scripts.
const compiler = createRequire(import.meta.url).resolve('assemblyscript/bin/asc.js')

/**
 * Compiles without a runtime and without checks; nothing is imported, and memory is all that the arrays need. Throws what the compiler says.
 *
 * @param {{ readonly source: string, readonly pages: number }} kernel
 */
function compile({ source, pages }) {
  const folder = mkdtempSync(join(tmpdir(), 'promline-kernel-'))
  const binary = join(folder, 'kernel.wasm')
  const options = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--initialMemory', String(pages), '--use', 'abort=']
  try {
    execFileSync(process.execPath, [compiler, pathOf(source), '--outFile', binary, ...options], { stdio: ['ignore', 'ignore', 'pipe'] })
    const text = readFileSync(binary).toString('base64')
    return `/** ${source}, compiled: \`node scripts/build-kernel.js\`. */\nexport const kernelBinary =\n  '${text}'\n`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} file below the root of the repository */
function pathOf(file) {
  return fileURLToPath(new URL(`../${file}`, import.meta.url))
}

const [, , option, name] = process.argv
for (const kernel of kernels) {
  if (option !== '--print') writeFileSync(pathOf(kernel.target), compile(kernel))
  else if (kernel.source.endsWith(`/${name}.ts`)) process.stdout.write(compile(kernel))
}
