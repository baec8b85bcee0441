import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Packed, packAll } from './support/pack.js'
import { root, run } from './support/run.js'

// What users get: each package is packed, installed by npm beside core and its peers in an empty project, and imported in three ways.

const packages = ['core', 'exporter-kit', 'remote-write', 'kafka-sink', 'influx-sink']
/** npm asks the registry for a few dozen packages; on a busy machine that takes its time. */
const installTimeoutMs = 180_000

async function registryReachable(): Promise<boolean> {
  const registry = (await run('npm', ['config', 'get', 'registry'], root)).trim()
  const answer = await fetch(registry, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
  return answer !== undefined
}

const reachable = await registryReachable()
if (!reachable && process.env['CI'] === 'true') throw new Error('the npm registry cannot be reached, and CI must not skip what needs it')

describe.skipIf(!reachable)(`packed packages${reachable ? '' : ' (skipped: the npm registry cannot be reached)'}`, () => {
  let folder: string
  let packed: Packed[]
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'promline-pack-'))
    packed = await packAll(folder)
  }, installTimeoutMs)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('are these', () => {
    expect(packed.map(({ name }) => name).sort()).toEqual(packages.map((name) => `@promline/${name}`).sort())
  })

  test.each(packages)(
    '%s can be installed, imported, required and used from TypeScript',
    async (name) => {
      const wanted = packed.find((one) => one.name === `@promline/${name}`)
      const core = packed.find((one) => one.name === '@promline/core')
      if (wanted === undefined || core === undefined) throw new Error(`${name} was not packed`)
      const project = join(folder, name)
      await installInto(project, [...new Set([core.tarball, wanted.tarball]), ...wanted.peers.map(([peer, range]) => `${peer}@${range}`)])
      for (const specifier of wanted.specifiers) {
        const imported = await exportedNames(project, [
          '--input-type=module',
          '--eval',
          `import * as all from '${specifier}'; ${printNames}`,
        ])
        const required = await exportedNames(project, [
          '--input-type=commonjs',
          '--eval',
          `const all = require('${specifier}'); ${printNames}`,
        ])
        expect(required, specifier).toEqual(imported)
        // A sub-path may hold types alone.
        if (specifier === wanted.name) expect(imported).not.toEqual([])
      }
      await checkTypes(project, wanted.specifiers)
    },
    installTimeoutMs,
  )
})

async function installInto(project: string, what: readonly string[]): Promise<void> {
  await mkdir(project)
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }\n')
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--loglevel=error', ...what], project)
}

const printNames = `console.log(JSON.stringify(Object.keys(all).filter((name) => name !== '__esModule' && name !== 'module.exports').sort()))`

async function exportedNames(project: string, args: readonly string[]): Promise<string[]> {
  return JSON.parse(await run(process.execPath, args, project))
}

/** The repository's compiler, told to be strict also with the declarations of the packages themselves. */
async function checkTypes(project: string, specifiers: readonly string[]): Promise<void> {
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  }
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['esm.mts', 'commonjs.cts'] }))
  const uses = specifiers.map((_, i) => `export const names${i}: readonly (keyof typeof all${i})[] = []\n`).join('')
  const imports = specifiers.map((specifier, i) => `import * as all${i} from '${specifier}'\n`).join('')
  const requires = specifiers.map((specifier, i) => `import all${i} = require('${specifier}')\n`).join('')
  await writeFile(join(project, 'esm.mts'), imports + uses)
  await writeFile(join(project, 'commonjs.cts'), requires + uses)
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project], project)
}
