import { serverPath } from './installed.js'

/** A Chromium for playwright-core's `executablePath`. */
export function findChromium(): string {
  return serverPath('chromium')
}

/** What Chromium needs in a container: no sandbox as root, and no traffic of its own. */
export const chromiumArgs: readonly string[] = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync']
