import { goProgram } from './go.js'

/**
 * InfluxDB 1.8 from its sources: the newest that builds by `go install`, and the oldest with the write API of 2.x.
 *
 * @returns {Promise<import('./cache.js').Installed>}
 */
export function installInfluxd() {
  return goProgram({
    program: 'influxd',
    package: 'github.com/influxdata/influxdb/cmd/influxd',
    version: '1.8.3',
    versionArgument: 'version',
  })
}
