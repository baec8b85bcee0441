import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root, run } from './run.js'

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
