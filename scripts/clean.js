// Removes what builds and tests leave: dist, coverage, build information. Installed packages and the data of the examples stay.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const leftovers = new Set(['dist', 'coverage'])

/** @param {string} folder */
async function clean(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (leftovers.has(entry.name) || entry.name.endsWith('.tsbuildinfo')) await rm(path, { recursive: true })
    else if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.')) await clean(path)
  }
}

await clean(root)
