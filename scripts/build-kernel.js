// Compiles packages/core/kernel/match-lines.ts, and writes the binary into packages/core/src/text/kernel/kernel-binary.ts, so that nobody
// who installs or builds promline needs the compiler; with --print to stdout, which a test compares with the file.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// As a program: its types would declare another `console` for all scripts.
const compiler = createRequire(import.meta.url).resolve('assemblyscript/bin/asc.js')
const source = fileURLToPath(new URL('../packages/core/kernel/match-lines.ts', import.meta.url))
const target = fileURLToPath(new URL('../packages/core/src/text/kernel/kernel-binary.ts', import.meta.url))

/** Compiles without a runtime and without checks; nothing is imported, and memory is all that the arrays need. Throws what the compiler says. */
function compile() {
  const folder = mkdtempSync(join(tmpdir(), 'promline-kernel-'))
  const binary = join(folder, 'kernel.wasm')
  const options = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd', '--initialMemory', '11', '--use', 'abort=']
  try {
    execFileSync(process.execPath, [compiler, source, '--outFile', binary, ...options], { stdio: ['ignore', 'ignore', 'pipe'] })
    return readFileSync(binary)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const text = `/** packages/core/kernel/match-lines.ts, compiled: \`node scripts/build-kernel.js\`. */
export const kernelBinary =
  '${compile().toString('base64')}'
`
if (process.argv.includes('--print')) process.stdout.write(text)
else writeFileSync(target, text)
