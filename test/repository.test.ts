import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from './support/run.js'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly type?: string
  readonly description?: string
  readonly main?: string
  readonly types?: string
  readonly sideEffects?: boolean
  readonly engines?: Readonly<Record<string, string>>
  readonly files?: readonly string[]
  readonly exports?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
}

const packages = readdirSync(join(root, 'packages')).filter((name) => existsSync(join(root, 'packages', name, 'package.json')))
const core = readManifest('packages/core')

describe.each(packages)('packages/%s', (name) => {
  const folder = `packages/${name}`
  const manifest = readManifest(folder)

  test('has the version, engines, license and entry points of all', () => {
    expect(manifest).toMatchObject({
      name: `@promline/${name}`,
      version: core.version,
      license: 'MIT',
      type: 'module',
      sideEffects: false,
      engines: { node: '>=20.19' },
      main: './dist/index.js',
      types: './dist/index.d.ts',
      description: expect.stringMatching(/./),
    })
    expect(manifest.exports).toMatchObject({ './package.json': './package.json' })
    expect(manifest.files).toEqual(expect.arrayContaining(['dist', 'src', '!**/*.test.*']))
  })

  test('depends on core alone, as a peer, of all packages of promline', () => {
    const ours = (dependencies: Readonly<Record<string, string>> = {}) =>
      Object.keys(dependencies).filter((one) => one.startsWith('@promline/'))
    expect(ours(manifest.dependencies)).toEqual([])
    expect(ours(manifest.peerDependencies)).toEqual(name === 'core' ? [] : ['@promline/core'])
  })

  test('has a README whose example is run by a test', () => {
    for (const file of ['README.md', 'test/readme.test.ts']) expect(existsSync(join(root, folder, file)), file).toBe(true)
  })
})

test('.ci/run calls the test command of the README, and the README has both commands', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  for (const command of ['start', 'test']) expect(readme).toContain(`npx -y pnpm@12.21.0 ${command}`)
  const script = readFileSync(join(root, '.ci/run'), 'utf8')
  expect(script).toContain('pnpm=(npx -y pnpm@12.21.0)')
  expect(script).toMatch(/^tests unit .* test$/m)
})
