// Installs the servers that the end-to-end tests need, into a cache of the user: node scripts/servers/install.js [NAME...]
// Idempotent. Prints one line for each; ends with 1 and the names of what is missing.
import { installAlertmanager } from './alertmanager.js'
import { cacheFolder, recordInstalled } from './cache.js'
import { debianPrograms, systemProgram } from './debian.js'
import { installInfluxd } from './influxdb.js'
import { installKafka } from './kafka.js'
import { installKustomize } from './kustomize.js'
import { installNatsServer } from './nats.js'
import { run } from '../run.js'

/** @typedef {import('./cache.js').Installed} Installed */

/**
 * @param {Parameters<typeof debianPrograms>[0]} wanted
 * @returns {() => Promise<Record<string, Installed>>}
 */
const debian = (wanted) => async () => {
  const programs = await debianPrograms(wanted)
  await Promise.all(Object.entries(programs).map(([name, { path }]) => runOnce(path, versionArguments[name])))
  return programs
}

/**
 * @param {Parameters<typeof systemProgram>[0]} wanted
 * @returns {() => Promise<Record<string, Installed>>}
 */
const system = (wanted) => async () => {
  const path = await systemProgram(wanted)
  const output = await runOnce(path)
  return { [wanted.program]: { version: /\d+(\.\d+)+/.exec(output)?.[0] ?? 'unknown', path } }
}

/**
 * How a program that does not take `--version` tells its version.
 *
 * @type {Record<string, string>}
 */
const versionArguments = { kcat: '-V', vmagent: '-version', 'victoria-metrics': '-version' }

/**
 * A program that tells its version has all that it needs.
 *
 * @param {string} path
 * @param {string} [argument]
 */
function runOnce(path, argument = '--version') {
  return run(path, [argument], { timeoutMs: 60_000 })
}

/**
 * What is installed together, under the names of `servers.json`.
 *
 * @type {readonly { names: readonly string[], install: () => Promise<Record<string, Installed>> }[]}
 */
const servers = [
  {
    names: ['prometheus', 'promtool'],
    install: debian({ package: 'prometheus', programs: { prometheus: 'prometheus', promtool: 'promtool' } }),
  },
  {
    names: ['node-exporter'],
    install: debian({ package: 'prometheus-node-exporter', programs: { 'node-exporter': 'prometheus-node-exporter' } }),
  },
  {
    names: ['pushgateway'],
    install: debian({ package: 'prometheus-pushgateway', programs: { pushgateway: 'prometheus-pushgateway' } }),
  },
  { names: ['alertmanager', 'amtool'], install: installAlertmanager },
  {
    names: ['victoria-metrics', 'vmagent'],
    install: debian({
      package: 'victoria-metrics',
      libraries: ['libzstd1'],
      programs: { 'victoria-metrics': 'victoria-metrics', vmagent: 'vmagent' },
    }),
  },
  {
    names: ['kcat'],
    install: debian({
      package: 'kcat',
      libraries: ['librdkafka1', 'libyajl2', 'libsasl2-2', 'liblz4-1', 'libzstd1'],
      programs: { kcat: 'kcat' },
    }),
  },
  { names: ['influxd'], install: async () => ({ influxd: await installInfluxd() }) },
  { names: ['nats-server'], install: async () => ({ 'nats-server': await installNatsServer() }) },
  { names: ['kafka'], install: async () => ({ kafka: await installKafka() }) },
  {
    names: ['chromium'],
    // Without a font the page has no text to be tested.
    install: system({
      program: 'chromium',
      packages: ['chromium', 'fonts-dejavu-core'],
      otherPlaces: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/usr/bin/google-chrome'],
    }),
  },
  // Faults for the programs under test: calls that fail, clocks that jump.
  { names: ['strace'], install: debian({ package: 'strace', libraries: ['libunwind8'], programs: { strace: 'strace' } }) },
  { names: ['faketime'], install: debian({ package: 'faketime', libraries: ['libfaketime'], programs: { faketime: 'faketime' } }) },
  // Builds the Kubernetes manifests of the federation example.
  { names: ['kustomize'], install: async () => ({ kustomize: await installKustomize() }) },
  { names: ['docker-compose'], install: system({ program: 'docker-compose', packages: ['docker-compose'] }) },
]

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error)
}

/** @param {readonly string[]} chosen names; all where it is empty */
async function main(chosen) {
  const known = servers.flatMap((server) => server.names)
  const unknown = chosen.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(', ')}; there are ${known.join(', ')}`)
  /** @type {string[]} */
  const missing = []
  const wanted = servers.filter((server) => chosen.length === 0 || server.names.some((name) => chosen.includes(name)))
  const installed = await Promise.all(
    wanted.map(async (server) => {
      try {
        const result = await server.install()
        for (const [name, { version, path }] of Object.entries(result)) console.log(`${name} ${version} ${path}`)
        return result
      } catch (error) {
        console.error(`${server.names.join(', ')}: ${messageOf(error)}`)
        missing.push(...server.names)
        return {}
      }
    }),
  )
  await recordInstalled(Object.assign({}, ...installed))
  if (missing.length > 0) throw new Error(`missing: ${missing.join(', ')} (cache: ${cacheFolder})`)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(messageOf(error))
  process.exitCode = 1
}
