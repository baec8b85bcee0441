import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runExample } from './support/readme-example.js'
import { root } from './support/run.js'

// docs/api: what each block prints is what it says, and every exported function is shown, there or in a README.

const entryPoints = [
  'core',
  'core/delivery',
  'core/testing',
  'core/process',
  'exporter-kit',
  'exporter-kit/synthetic',
  'remote-write',
  'remote-write/agent',
  'kafka-sink',
  'influx-sink',
] as const
/** Run by tests of their own. */
const otherDocuments = ['README.md', 'docs/writing-a-sink.md', ...packagesOf(entryPoints).map((name) => `packages/${name}/README.md`)]
const apiFolder = join(root, 'docs/api')
const apiDocuments = readdirSync(apiFolder).filter((name) => name.endsWith('.md') && name !== 'README.md')

function packagesOf(all: readonly string[]): string[] {
  return [...new Set(all.map((name) => name.split('/')[0]!))]
}

function blocksOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(/```js[^\n]*\n([\s\S]*?)```/g)].map(([, code]) => code!)
}

/** What a block says that it prints, line by line. */
function promisedBy(code: string): string[] {
  return [...code.matchAll(/\/\/ → ?(.*)$/gm)].map(([, text]) => text!)
}

/** What is imported from one of our packages. */
function importedBy(code: string): Set<string> {
  const imports = [...code.matchAll(/import \{([^}]*)\} from '@promline\/[^']*'/g)].flatMap(([, names]) => names!.split(','))
  return new Set(imports.map((name) => name.trim()))
}

const blocks = apiDocuments.flatMap((name) =>
  blocksOf(join(apiFolder, name)).map((code, index) => ({ title: `${name}, block ${index + 1}`, code })),
)

describe('docs/api', () => {
  // The pipeline example depends on all packages.
  const folder = new URL('../examples/pipeline/', import.meta.url)
  test.each(blocks)('$title prints what it says', async ({ code }) => {
    const example = runExample(code, folder)
    expect(await example.ended, example.output()).toBe(0)
    expect(promisedBy(code).length, 'a block without a promise proves nothing').toBeGreaterThan(0)
    expect(example.output().trimEnd().split('\n')).toEqual(promisedBy(code))
  })

  const shown = new Set(
    [...blocks.map(({ code }) => code), ...otherDocuments.flatMap((name) => blocksOf(join(root, name)))].flatMap((code) => [
      ...importedBy(code),
    ]),
  )
  test.each(entryPoints)('shows every function of @promline/%s', async (entryPoint) => {
    const [name, ...path] = entryPoint.split('/')
    const all: unknown = await import(join(root, 'packages', name!, 'src', ...path, 'index.ts'))
    const functions = Object.entries(Object(all)).filter(([, value]) => typeof value === 'function')
    expect(functions.length).toBeGreaterThan(0)
    expect(functions.map(([exported]) => exported).filter((exported) => !shown.has(exported))).toEqual([])
  })
})
