import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, type ServerName, serverAvailable, serverPath } from '@promline/servers'

/** One endpoint that an agent scrapes. */
export interface Target {
  /** host:port. */
  readonly address: string
  readonly path: string
  /** The label `instance`. */
  readonly instance: string
}

/** What an agent is to do. */
export interface Work {
  readonly targets: readonly Target[]
  readonly remoteWriteUrl: string
  readonly intervalMs: number
}

/** Where an agent finds its configuration, and what it may fill. */
export interface Place {
  readonly config: string
  readonly data: string
}

/** A program that scrapes and sends by remote write. */
export interface Agent {
  readonly name: string
  /** Whether it runs in Node, so that Node can profile it. */
  readonly isNode: boolean
  /** Set where its parser gets the last bits of some numbers wrong: vmagent reads 1.6250641e+07 as 16250640.999999998. */
  readonly isInexact?: true
  /** Why it cannot run here; undefined where it can. */
  missing(): string | undefined
  /** The text of its configuration. */
  configure(work: Work): string
  command(work: Work, place: Place): Promise<readonly [program: string, ...args: string[]]>
}

const testee = fileURLToPath(new URL('../../../conformance/dist/testee.js', import.meta.url))
const npmAgent = fileURLToPath(new URL('./npm-agent.js', import.meta.url))

const vmagent: Agent = {
  name: 'vmagent',
  isNode: false,
  isInexact: true,
  missing: () => missingServer('vmagent'),
  configure: scrapeConfig,
  command: async ({ remoteWriteUrl }, { config, data }) => [
    serverPath('vmagent'),
    `-promscrape.config=${config}`,
    `-remoteWrite.url=${remoteWriteUrl}`,
    `-remoteWrite.tmpDataPath=${join(data, 'queue')}`,
    `-httpListenAddr=127.0.0.1:${await freePort()}`,
  ],
}

const prometheus: Agent = {
  name: 'prometheus-agent',
  isNode: false,
  missing: () => missingServer('prometheus'),
  configure: fullConfig,
  command: async (_, { config, data }) => [
    serverPath('prometheus'),
    '--enable-feature=agent',
    `--config.file=${config}`,
    `--storage.agent.path=${data}`,
    `--web.listen-address=127.0.0.1:${await freePort()}`,
  ],
}

const npm: Agent = {
  name: 'npm-packages',
  isNode: true,
  missing: () => undefined,
  configure: (work) => JSON.stringify(work),
  command: async (_, { config }) => [process.execPath, npmAgent, config],
}

/** As the conformance suites run it: spool on disk, automatic series, staleness. */
const promline: Agent = {
  name: 'promline',
  isNode: true,
  missing: () => undefined,
  configure: fullConfig,
  command: async (_, { config, data }) => [process.execPath, testee, 'agent', '--config.file', config, '--data', data],
}

/** The first is the one that ratios are of. */
export const agents: readonly [Agent, ...Agent[]] = [vmagent, prometheus, npm, promline]

function missingServer(name: ServerName): string | undefined {
  return serverAvailable(name) ? undefined : `${name} is not installed: node scripts/servers/install.js ${name}`
}

/** A prometheus.yml; JSON is YAML. */
function fullConfig(work: Work): string {
  return JSON.stringify({ ...sections(work), remote_write: [{ url: work.remoteWriteUrl }] })
}

/** vmagent is told by its command line where to send, and refuses a section for it. */
function scrapeConfig(work: Work): string {
  return JSON.stringify(sections(work))
}

function sections({ targets, intervalMs }: Work): object {
  const interval = `${intervalMs}ms`
  const groups = targets.map(({ address, path, instance }) => ({ targets: [address], labels: { __metrics_path__: path, instance } }))
  return {
    global: { scrape_interval: interval, scrape_timeout: interval },
    scrape_configs: [{ job_name: 'bench', static_configs: groups }],
  }
}
