import { resolve } from 'node:path'
import type { Logger } from '@promline/core'
import { AlertLog, type AlertNotice } from './alert-log.js'
import { controlActions, stateText } from './control-actions.js'
import { createControlServer } from './control-server.js'
import type { DemoJobs } from './demo-jobs.js'
import { type Link, openLink } from './link.js'
import { assertServersInstalled } from './missing-servers.js'
import type { Pace } from './pace.js'
import { ownDataFolder } from './own-data-folder.js'
import { createPasswordFiles, type PasswordFiles } from './passwords.js'
import { assertPortsFree, type Ports } from './ports.js'
import type { ProgramSwitch } from './program-switch.js'
import { renderConfigs } from './render-configs.js'
import { type PartOptions, startExporters, startJobs, startServers, startSwitch, startTraffic } from './start-parts.js'
import type { ProgramName } from './start-programs.js'
import { StopStack } from './stop-stack.js'
import { type FederationUrls, urlsOf } from './urls.js'

export interface FederationOptions {
  /** Where everything keeps its data: metrics, streams, spools, passwords, and the configuration files as they are used. */
  readonly dataDir: string
  readonly ports: Ports
  readonly pace: Pace
  /** One line for each thing that happens. */
  readonly logger: Logger
  /** Ends the start where it aborts before everything is up. */
  readonly signal?: AbortSignal
}

/** Two clusters and a centre, running. */
export interface Federation extends AsyncDisposable {
  readonly urls: FederationUrls
  /** What runs as a process of its own, the NATS servers among them, to be stopped, killed and started again. */
  readonly programs: Readonly<Record<ProgramName, ProgramSwitch>>
  /** The way from another-cluster's agent to the centre. */
  readonly link: Link
  /** The batch jobs; each can be made to fail. */
  readonly jobs: Omit<DemoJobs, 'stop'>
  /** The alerts that Alertmanager has sent, the newest last. */
  readonly alerts: readonly AlertNotice[]
  /** With which each cluster may write: the user has the cluster's name. */
  readonly passwordFiles: PasswordFiles
  /** Stops everything that was started, in the order of the flow; agent and centre deliver what they have. Safe to call twice. */
  stop(): Promise<void>
}

/**
 * Starts everything on this machine, and resolves once all of it is up; the first samples take another scrape. Rejects with a PromlineError,
 * and nothing left running: `options` for servers that are not installed and for a data folder that another demo has, `address` for ports in
 * use, `unavailable` for a program that does not come up, with the end of its log.
 */
export async function startFederation(options: FederationOptions): Promise<Federation> {
  assertServersInstalled()
  await assertPortsFree(options.ports)
  // Absolute: every program has a folder of its own to start from.
  const dataDir = resolve(options.dataDir)
  const stack = new StopStack(options.logger)
  stack.push('the lock of the data folder', await ownDataFolder(dataDir))
  try {
    return await startAll({ ...options, dataDir }, stack)
  } catch (error) {
    await stack.stop()
    throw error
  }
}

/** Against the order of the flow, so that nothing speaks to what is not there yet; the stack stops it in the order of the flow. */
async function startAll(options: FederationOptions, stack: StopStack): Promise<Federation> {
  const { ports, pace, logger, dataDir } = options
  const passwordFiles = await createPasswordFiles(dataDir)
  const configs = await renderConfigs({ dataDir, ports, pace, passwordFiles })
  const parts: PartOptions = { ...options, configs, stack }
  const servers = await startServers(parts)
  await startExporters(parts)
  const prometheus = await startSwitch('prometheus', parts)
  const centre = await startSwitch('centre', parts)
  const link = await openLink({ from: ports.link, to: ports.receiver, logger })
  stack.push('the link', () => link.close())
  const agent = await startSwitch('agent', parts)
  await startTraffic(parts)
  const jobs = startJobs(parts)
  const controls = { programs: { ...servers, prometheus, centre, agent }, link, jobs }
  const alerts = new AlertLog((notice) => logNotice(logger, notice))
  const control = await createControlServer({
    listen: `127.0.0.1:${ports.control}`,
    actions: controlActions(controls),
    state: () => stateText(controls),
    alerts,
    logger,
  })
  stack.push('the control port', () => control.close())
  const stop = (): Promise<void> => stack.stop()
  return { urls: urlsOf(ports), ...controls, alerts: alerts.notices, passwordFiles, stop, [Symbol.asyncDispose]: stop }
}

function logNotice(logger: Logger, { status, labels, annotations }: AlertNotice): void {
  const { alertname = 'alert', severity = 'unknown severity' } = labels
  const message = `alert ${status}: ${alertname} (${severity}): ${annotations['summary'] ?? ''}`
  if (status === 'firing') logger.warn({ ...labels }, message)
  else logger.info({ ...labels }, message)
}
