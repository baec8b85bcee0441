import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** Where the servers are kept, by version; `servers.json` in it says what is there. servers/src/installed.ts reads it. */
export const cacheFolder = process.env['PROMLINE_CACHE'] || join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'promline')

/**
 * One server of `servers.json`.
 *
 * @typedef {object} Installed
 * @property {string} version
 * @property {string} path The program; for Kafka its folder.
 */

/**
 * Makes a folder of the cache unless it is there. A build that fails leaves nothing that looks finished.
 *
 * @param {string} name with the version in it
 * @param {(folder: string) => Promise<void>} build fills the folder
 * @returns {Promise<string>} the folder's path
 */
export async function installOnce(name, build) {
  const folder = join(cacheFolder, name)
  if (existsSync(folder)) return folder
  const partial = `${folder}.${process.pid}.partial`
  await mkdir(partial, { recursive: true })
  try {
    await build(partial)
    await rename(partial, folder)
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
  return folder
}

/**
 * Writes down what was installed, beside what earlier runs installed.
 *
 * @param {Record<string, Installed>} servers
 */
export async function recordInstalled(servers) {
  const file = join(cacheFolder, 'servers.json')
  await mkdir(dirname(file), { recursive: true })
  const known = existsSync(file) ? JSON.parse(await readFile(file, 'utf8')) : {}
  const partial = `${file}.${process.pid}.partial`
  await writeFile(partial, `${JSON.stringify({ ...known, ...servers }, null, 2)}\n`)
  await rename(partial, file)
}
