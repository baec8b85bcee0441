import { existsSync } from 'node:fs'
import { chmod, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { installOnce } from './cache.js'
import { findOnPath, isExecutable, run } from '../run.js'

/** Another apt may hold the lock: a machine that has just started updates itself. */
const aptOptions = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=3']

/** @type {Promise<unknown> | undefined} */
let updated

/** Package lists, once a run. Without the right to update them the present ones are used. */
function updateOnce() {
  updated ??= run('apt-get', [...aptOptions, 'update']).catch(() => {})
  return updated
}

/**
 * Programs of a Debian package, unpacked into the cache: no service is installed, nothing is started. Where there is no apt-get (macOS)
 * the programs on the PATH are taken.
 *
 * @param {{ package: string, libraries?: readonly string[], programs: Record<string, string> }} wanted
 *   libraries: packages whose libraries the programs need; programs: the name in `servers.json` -> the program's file name.
 * @returns {Promise<Record<string, import('./cache.js').Installed>>}
 */
export async function debianPrograms(wanted) {
  const programs = Object.entries(wanted.programs)
  if (findOnPath('apt-get') === undefined) {
    return Object.fromEntries(programs.map(([name, program]) => [name, { version: 'of the system', path: requireOnPath(program) }]))
  }
  await updateOnce()
  const policy = await run('apt-cache', ['policy', wanted.package])
  const version = /Candidate: (\S+)/.exec(policy)?.[1]
  if (version === undefined || version === '(none)') throw new Error(`Debian has no package ${wanted.package}`)
  const folder = await installOnce(join('debian', `${wanted.package}-${version}`), (to) => unpack(wanted, to))
  return Object.fromEntries(programs.map(([name, program]) => [name, { version, path: join(folder, program) }]))
}

/**
 * @param {{ package: string, libraries?: readonly string[], programs: Record<string, string> }} wanted
 * @param {string} folder
 */
async function unpack(wanted, folder) {
  const download = ['-q', '-o', 'APT::Sandbox::User=root', 'download', wanted.package, ...(wanted.libraries ?? [])]
  await run('apt-get', download, { cwd: folder })
  for (const file of await readdir(folder)) {
    if (!file.endsWith('.deb')) continue
    await run('dpkg-deb', ['-x', file, 'root'], { cwd: folder })
    await rm(join(folder, file))
  }
  // A wrapper finds the libraries wherever the folder lies, without touching the system's.
  const wrapper = (/** @type {string} */ program, /** @type {string} */ bin) => `#!/bin/sh
root="$(dirname "$0")/root"
export LD_LIBRARY_PATH="$(echo "$root"/usr/lib/*-linux-gnu*)\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$root/usr/${bin}/${program}" "$@"
`
  for (const program of Object.values(wanted.programs)) {
    const bin = existsSync(join(folder, 'root/usr/sbin', program)) ? 'sbin' : 'bin'
    await writeFile(join(folder, program), wrapper(program, bin))
    await chmod(join(folder, program), 0o755)
  }
}

/** @param {string} program */
function requireOnPath(program) {
  const path = findOnPath(program)
  if (path === undefined) throw new Error(`there is no apt-get here, and ${program} is not on the PATH`)
  return path
}

/** @type {Promise<unknown>} */
let lastInstall = Promise.resolve()

/**
 * The path of a program that is too entangled to be unpacked beside the system: it is installed by apt-get unless it is there.
 *
 * @param {{ program: string, packages: readonly string[], otherPlaces?: readonly string[] }} wanted
 * @returns {Promise<string>}
 */
export async function systemProgram(wanted) {
  const known = findOnPath(wanted.program) ?? wanted.otherPlaces?.find(isExecutable)
  if (known !== undefined) return known
  if (findOnPath('apt-get') === undefined) return requireOnPath(wanted.program)
  await updateOnce()
  const install = () =>
    run('apt-get', [...aptOptions, 'install', '--no-install-recommends', ...wanted.packages], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    })
  // One at a time: apt's lock admits no second.
  const mine = lastInstall.then(install, install)
  lastInstall = mine
  await mine
  return requireOnPath(wanted.program)
}
