import { type ServerName, serverAvailable } from '../installed.js'
import { describe, test } from 'vitest'

/** Whether a server that is missing is a failure (in CI) rather than a reason to skip. */
function serversRequired(): boolean {
  return process.env['CI'] === 'true' || process.env['PROMLINE_REQUIRE_SERVERS'] === '1'
}

/** A suite that needs real servers: without them it is skipped with the reason in its title, and fails where they are required. */
export function describeWithServers(title: string, names: readonly ServerName[], suite: () => void): void {
  const missing = names.filter((name) => !serverAvailable(name))
  if (missing.length === 0) {
    describe(title, suite)
    return
  }
  const reason = `${missing.join(', ')} not installed: run node scripts/servers/install.js`
  if (!serversRequired()) {
    describe.skip(`${title} (${reason})`, suite)
    return
  }
  test(title, () => {
    throw new Error(reason)
  })
}
