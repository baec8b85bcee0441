import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository. */
export const root: string = fileURLToPath(new URL('../../', import.meta.url))

/** A packed package, as it would be published. */
export interface Packed {
  readonly name: string
  readonly tarball: string
  /** Names and ranges of its peers, without @promline/core. */
  readonly peers: readonly (readonly [name: string, range: string])[]
  /** What can be imported: the name, and the name with each sub-path. */
  readonly specifiers: readonly string[]
}

/** Packs every package with pnpm, which replaces `workspace:` and `catalog:` as for the registry. */
export async function packAll(into: string): Promise<Packed[]> {
  const manifest: { packageManager: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const args = ['-y', manifest.packageManager, '-r', '--filter', './packages/*', 'pack', '--pack-destination', into]
  await run('npx', args, root)
  const tarballs = (await readdir(into)).filter((file) => file.endsWith('.tgz')).map((file) => join(into, file))
  return Promise.all(tarballs.map(describePacked))
}

interface PackedManifest {
  readonly name: string
  readonly exports: Readonly<Record<string, unknown>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

async function describePacked(tarball: string): Promise<Packed> {
  const manifest: PackedManifest = JSON.parse(await run('tar', ['-xOzf', tarball, 'package/package.json'], root))
  const { name, exports, peerDependencies = {} } = manifest
  return {
    name,
    tarball,
    peers: Object.entries(peerDependencies).filter(([peer]) => peer !== '@promline/core'),
    specifiers: Object.keys(exports)
      .filter((path) => !path.endsWith('.json'))
      .map((path) => name + path.slice(1)),
  }
}

/** Runs a program; resolves with what it printed, rejects with all that it said. */
export function run(program: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, maxBuffer: 64 * 1024 * 1024, encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error }))
    })
  })
}
