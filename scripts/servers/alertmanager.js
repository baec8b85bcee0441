import { goProgram } from './go.js'
import { findOnPath, run } from '../run.js'

/** Builds with Go 1.22 and later. */
const version = '0.28.1'

/**
 * Alertmanager and its amtool from their sources. Debian's package cannot be unpacked beside the system as the others are, because its
 * program reads a template from a fixed path; where there is no Go, one that is installed is taken.
 *
 * @returns {Promise<Record<string, import('./cache.js').Installed>>}
 */
export async function installAlertmanager() {
  if (findOnPath('go') === undefined) {
    return { alertmanager: await installedProgram('prometheus-alertmanager'), amtool: await installedProgram('amtool') }
  }
  const build = (/** @type {string} */ program) =>
    goProgram({ program, package: `github.com/prometheus/alertmanager/cmd/${program}`, version, versionArgument: '--version' })
  // One after the other: the second finds nearly all of it built.
  const alertmanager = await build('alertmanager')
  return { alertmanager, amtool: await build('amtool') }
}

/**
 * @param {string} program
 * @returns {Promise<import('./cache.js').Installed>}
 */
async function installedProgram(program) {
  const path = findOnPath(program)
  if (path === undefined) {
    throw new Error(`there is no go, and no ${program} on the PATH: install Go 1.22, or apt-get install prometheus-alertmanager`)
  }
  const output = await run(path, ['--version'])
  return { version: /\d+(\.\d+)+/.exec(output)?.[0] ?? 'unknown', path }
}
