import { debianPrograms } from './debian.js'
import { goProgram } from './go.js'
import { findOnPath } from '../run.js'

/**
 * The NATS server whose output the captured fixtures hold, from its sources. Debian's Go is too old to build it, so where no other is on
 * the PATH it is Debian's own NATS server, 2.9: the tests pass on both.
 *
 * @returns {Promise<import('./cache.js').Installed>}
 */
export async function installNatsServer() {
  if (findOnPath('go') === undefined) {
    const programs = await debianPrograms({ package: 'nats-server', programs: { 'nats-server': 'nats-server' } })
    return /** @type {import('./cache.js').Installed} */ (programs['nats-server'])
  }
  return goProgram({
    program: 'nats-server',
    package: 'github.com/nats-io/nats-server/v2',
    version: '2.15.2',
    versionArgument: '--version',
  })
}
