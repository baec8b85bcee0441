import { type Logger, PromlineError, toError } from '@promline/core'
import type { ServerProcess } from '@promline/servers'
import { createUsdtExporter } from '@promline/exporter-kit'
import { startNatsExporter } from '../exporters/nats-exporter.js'
import { type DemoJobs, startDemoJobs } from './demo-jobs.js'
import type { Pace } from './pace.js'
import { createProgramSwitch, type ProgramSwitch } from './program-switch.js'
import { type ProgramName, type ProgramSettings, startProgram } from './start-programs.js'
import type { StopStack } from './stop-stack.js'
import { startNatsTraffic } from './traffic/nats-traffic.js'
import { ordersTraffic, sensorsTraffic } from './traffic/profiles.js'
import { urlsOf } from './urls.js'

/** Agent and centre deliver for at most 5 s; Prometheus writes what it has in memory. */
const graceMs = 15_000

/** What each part of the demo is started with. */
export interface PartOptions extends ProgramSettings {
  readonly pace: Pace
  readonly logger: Logger
  /** Stops what was started. */
  readonly stack: StopStack
  /** Nothing more is started once it aborts. */
  readonly signal?: AbortSignal
}

/** Starts a program. Rejects with a PromlineError: `unavailable` with the end of its log, `closed` where the demo is to stop already. */
export async function startSwitch(name: ProgramName, options: PartOptions): Promise<ProgramSwitch> {
  const { logger, signal, stack } = options
  if (signal?.aborted) throw new PromlineError('closed', 'stopped while it was starting')
  let process: ServerProcess
  try {
    process = await startProgram(name, options)
  } catch (error) {
    throw new PromlineError('unavailable', toError(error).message, { cause: error, facts: { program: name } })
  }
  const program = createProgramSwitch({ name, process, graceMs, logger })
  stack.push(name, () => program.stop())
  return program
}

/** What needs nothing else, all at once. */
export async function startServers(
  options: PartOptions,
): Promise<Record<Exclude<ProgramName, 'prometheus' | 'centre' | 'agent'>, ProgramSwitch>> {
  const natsPrimary = startSwitch('nats-primary', options)
  const anotherCluster = startSwitch('another-cluster', options)
  const pushgateway = startSwitch('pushgateway', options)
  const nodeExporter = startSwitch('node-exporter', options)
  const alertmanager = startSwitch('alertmanager', options)
  // Where one fails, none may be still on its way while the others are stopped.
  await Promise.allSettled([natsPrimary, anotherCluster, pushgateway, nodeExporter, alertmanager])
  return {
    'nats-primary': await natsPrimary,
    'another-cluster': await anotherCluster,
    pushgateway: await pushgateway,
    'node-exporter': await nodeExporter,
    alertmanager: await alertmanager,
  }
}

/** The exporters, in this process. */
export async function startExporters({ ports, pace, logger, stack }: PartOptions): Promise<void> {
  const urls = urlsOf(ports)
  const shared = { prefix: 'nats', intervalMs: pace.natsIntervalMs, logger }
  for (const { port, monitoring } of [
    { port: ports.natsPrimaryExporter, monitoring: urls.natsPrimaryMonitoring },
    { port: ports.anotherClusterExporter, monitoring: urls.anotherClusterMonitoring },
  ]) {
    const exporter = await startNatsExporter({ ...shared, listen: `127.0.0.1:${port}`, servers: [monitoring] })
    stack.push('a NATS exporter', () => exporter.close())
  }
  const usdtExporter = await createUsdtExporter({ listen: `127.0.0.1:${ports.usdtExporter}`, intervalMs: pace.rateIntervalMs, logger })
  stack.push('the USDT exporter', () => usdtExporter.close())
}

/** The traffic at the NATS servers, from this process. */
export async function startTraffic({ ports, logger, stack }: PartOptions): Promise<void> {
  const urls = urlsOf(ports)
  for (const { url, profile } of [
    { url: urls.natsPrimary, profile: ordersTraffic },
    { url: urls.anotherCluster, profile: sensorsTraffic },
  ]) {
    const traffic = await startNatsTraffic({ url, profile, logger })
    stack.push('the traffic', () => traffic.stop())
  }
}

/** The batch jobs, in this process. */
export function startJobs({ ports, pace, logger, stack }: PartOptions): DemoJobs {
  const { jobsIntervalMs: intervalMs, jobFailureProbability: failureProbability } = pace
  const jobs = startDemoJobs({ url: urlsOf(ports).pushgateway, intervalMs, failureProbability, logger })
  stack.push('the batch jobs', () => jobs.stop())
  return jobs
}
