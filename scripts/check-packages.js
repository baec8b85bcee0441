// Checks every package as it would be published: publint --strict and attw (ESM only), on the tarball that pnpm makes.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './run.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * What is wrong with one tarball; nothing where all is well.
 *
 * @param {string} tarball
 * @returns {Promise<string[]>}
 */
async function problemsOf(tarball) {
  const checks = [
    ['node_modules/publint/src/cli.js', 'run', tarball, '--strict'],
    ['node_modules/@arethetypeswrong/cli/dist/index.js', tarball, '--profile', 'esm-only', '--no-emoji', '--no-color'],
  ]
  /** @type {string[]} */
  const problems = []
  for (const check of checks) await run(process.execPath, check, { cwd: root }).catch((error) => problems.push(error.message))
  return problems
}

const folder = await mkdtemp(join(tmpdir(), 'promline-check-'))
try {
  await run('pnpm', ['-r', '--filter', './packages/*', 'pack', '--pack-destination', folder], { cwd: root })
  const tarballs = (await readdir(folder)).filter((file) => file.endsWith('.tgz'))
  for (const file of tarballs.sort()) {
    const problems = await problemsOf(join(folder, file))
    console.log(`${file}: ${problems.length === 0 ? 'publint and attw are content' : problems.join('\n')}`)
    if (problems.length > 0) process.exitCode = 1
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}
