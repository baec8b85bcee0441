import { join } from 'node:path'
import { installOnce } from './cache.js'
import { systemProgram } from './debian.js'
import { run } from '../run.js'

const version = '1.8.3'

/**
 * InfluxDB 1.8 from its sources by Go's own client: the newest that builds there, and the oldest with the write API of 2.x.
 *
 * @returns {Promise<{ version: string, path: string }>} path: the program
 */
export async function installInfluxd() {
  const folder = await installOnce(`influxd-${version}`, async (to) => {
    const go = await systemProgram({ program: 'go', packages: ['golang-go'] })
    await run(go, ['install', `github.com/influxdata/influxdb/cmd/influxd@v${version}`], { env: { GOBIN: to }, nice: true })
  })
  const path = join(folder, 'influxd')
  await run(path, ['version'])
  return { version, path }
}
