import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Variables } from '../config/expand-variables.js'
import { readConfigFile } from '../config/read-config-file.js'
import type { Pace } from './pace.js'
import { paceRules } from './pace-rules.js'
import type { PasswordFiles } from './passwords.js'
import type { Ports } from './ports.js'

/** Beside `src` as well as beside `dist`. */
const shipped = fileURLToPath(new URL('../../', import.meta.url))

/** What the configuration files are made from. */
export interface ConfigSettings {
  /** Rendered files go to `config` in it. */
  readonly dataDir: string
  readonly ports: Ports
  readonly pace: Pace
  /** Files with the passwords of the clusters. */
  readonly passwordFiles: PasswordFiles
}

/** The files as this demo uses them. */
export interface RenderedConfigs {
  /** The text of prometheus.yml. */
  readonly prometheus: string
  /** The text of alertmanager.yml. */
  readonly alertmanager: string
  /** The path of the centre's. */
  readonly centreFile: string
  /** The path of the agent's. */
  readonly agentFile: string
}

/** Fills in the shipped configuration files and rules for these ports and this pace, and writes them where they can be looked at. */
export async function renderConfigs(settings: ConfigSettings): Promise<RenderedConfigs> {
  const folder = join(settings.dataDir, 'config')
  const rules = join(folder, 'rules')
  // What an earlier version left would be evaluated beside the present rules: all of the folder are.
  await rm(rules, { recursive: true, force: true })
  await mkdir(rules, { recursive: true })
  await renderRules(rules, settings.pace)
  const [prometheus, alertmanager] = await Promise.all([
    renderConfig('prometheus.yml', prometheusVariables(settings, rules)),
    renderConfig('alertmanager.yml', alertmanagerVariables(settings)),
  ])
  const centreFile = join(folder, 'centre.yml')
  const agentFile = join(folder, 'another-cluster.yml')
  await Promise.all([
    writeFile(centreFile, await renderConfig('centre.yml', centreVariables(settings))),
    writeFile(agentFile, await renderConfig('another-cluster.yml', agentVariables(settings))),
  ])
  return { prometheus, alertmanager, centreFile, agentFile }
}

function renderConfig(name: string, variables: Variables): Promise<string> {
  return readConfigFile(join(shipped, 'config', name), variables)
}

async function renderRules(folder: string, { rulesFaster }: Pace): Promise<void> {
  const source = join(shipped, 'rules')
  for (const name of (await readdir(source)).filter((one) => one.endsWith('.yml'))) {
    await writeFile(join(folder, name), paceRules(await readFile(join(source, name), 'utf8'), rulesFaster))
  }
}

function prometheusVariables({ ports, pace }: ConfigSettings, rules: string): Variables {
  return {
    SCRAPE_INTERVAL: pace.scrapeInterval,
    EVALUATION_INTERVAL: pace.evaluationInterval,
    RULES: rules,
    ALERTMANAGER: at(ports.alertmanager),
    NATS_EXPORTER: at(ports.natsPrimaryExporter),
    USDT_EXPORTER: at(ports.usdtExporter),
    PUSHGATEWAY: at(ports.pushgateway),
    CENTRE: at(ports.page),
    NODE_EXPORTER: at(ports.nodeExporter),
    PROMETHEUS: at(ports.prometheus),
  }
}

function alertmanagerVariables({ ports, pace }: ConfigSettings): Variables {
  return { CONTROL: at(ports.control), GROUP_WAIT: pace.alertGroupWait, GROUP_INTERVAL: pace.alertGroupInterval }
}

function centreVariables({ ports, pace, passwordFiles }: ConfigSettings): Variables {
  return {
    SCRAPE_INTERVAL: pace.scrapeInterval,
    NATS_EXPORTER: at(ports.natsPrimaryExporter),
    RECEIVER: at(ports.receiver),
    PROMETHEUS: at(ports.prometheus),
    PAGE: at(ports.page),
    SEND_DEADLINE: pace.sendDeadline,
    NATS_PRIMARY_PASSWORD_FILE: passwordFiles['nats-primary'],
    ANOTHER_CLUSTER_PASSWORD_FILE: passwordFiles['another-cluster'],
  }
}

function agentVariables({ ports, pace, passwordFiles }: ConfigSettings): Variables {
  return {
    SCRAPE_INTERVAL: pace.scrapeInterval,
    NATS_EXPORTER: at(ports.anotherClusterExporter),
    AGENT: at(ports.agent),
    RECEIVER: at(ports.link),
    PASSWORD_FILE: passwordFiles['another-cluster'],
    SEND_DEADLINE: pace.sendDeadline,
  }
}

function at(port: number): string {
  return `127.0.0.1:${port}`
}
