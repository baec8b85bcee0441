import { join } from 'node:path'
import { installOnce } from './cache.js'
import { systemProgram } from './debian.js'
import { run } from '../run.js'

/**
 * A server from its sources by Go's own client, built into the cache. Where there is no Go, apt-get installs it.
 *
 * @param {{ program: string, package: string, version: string, versionArgument: string }} wanted
 *   package: without its version; program: what `go install` names the program; versionArgument: makes it tell its version and end.
 * @returns {Promise<import('./cache.js').Installed>} path: the program
 */
export async function goProgram(wanted) {
  const folder = await installOnce(`${wanted.program}-${wanted.version}`, async (to) => {
    const go = await systemProgram({ program: 'go', packages: ['golang-go'] })
    await run(go, ['install', `${wanted.package}@v${wanted.version}`], { env: { GOBIN: to }, nice: true })
  })
  const path = join(folder, wanted.program)
  await run(path, [wanted.versionArgument])
  return { version: wanted.version, path }
}
